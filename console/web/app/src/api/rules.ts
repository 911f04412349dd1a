import { keepPreviousData, queryOptions, useMutation, useQueries, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { get, post, put, remove } from "./http";
import { isRunning } from "./shelves";
import type { CheckedText, Job, RuleActItem, RulePage, RuleState } from "./types";

/** All rules at once: the page filters, counts and sorts them itself. */
export const useRules = () => useQuery({ queryKey: ["rules", "list"], queryFn: ({ signal }) => get("/api/rules", { query: { limit: 20_000 }, signal }), staleTime: 20_000 });

export const useRule = (rule: string) => useQuery({ queryKey: ["rules", "one", rule], queryFn: ({ signal }) => get("/api/rules/{rule}", { path: { rule }, signal }), enabled: rule !== "" });

export const useVersionText = (rule: string, number: number, enabled = true) =>
  useQuery({
    queryKey: ["rules", "one", rule, "version", number],
    queryFn: ({ signal }) => get("/api/rules/{rule}/versions/{number}", { path: { rule, number }, signal }),
    enabled: enabled && rule !== "",
  });

export const useRuleHits = (rule: string, days: number) =>
  useQuery({ queryKey: ["rules", "one", rule, "hits", days], queryFn: ({ signal }) => get("/api/rules/{rule}/hits", { path: { rule }, query: { days }, signal }) });

export const useMerge = (rule: string) => useQuery({ queryKey: ["rules", "one", rule, "merge"], queryFn: ({ signal }) => get("/api/rules/{rule}/merge", { path: { rule }, signal }) });

const guidanceOf = (alert: string) =>
  queryOptions({ queryKey: ["alerts", alert, "guidance"], queryFn: ({ signal }) => get("/api/alerts/{alert}/guidance", { path: { alert }, signal }), staleTime: 60_000 });

export const useGuidance = (alert: string) => useQuery(guidanceOf(alert));
export const useGuidances = (alerts: readonly string[]) => useQueries({ queries: alerts.map(guidanceOf) });

/** What is wrong with a text; asked again for each new text, the last answer stays meanwhile. */
export const useChecked = (source: string, rule: string) =>
  useQuery({
    queryKey: ["checked", rule, source],
    queryFn: ({ signal }): Promise<CheckedText> => askCheck(source, rule, signal),
    enabled: source.trim() !== "",
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 30_000,
  });

const askCheck = (source: string, rule: string, signal: AbortSignal) => post("/api/rules/validate", { body: { source, rule }, signal });

export const useTryOut = () => useMutation({ mutationFn: (given: { source: string; since?: string; until?: string }) => post("/api/rules/test", { body: { since: "", until: "", seconds: 4, limit: 50_000, ...given } }) });

/** What a change of one rule makes old; its page is known at once. */
async function learnt(client: QueryClient, page: RulePage | undefined): Promise<void> {
  if (page) client.setQueryData(["rules", "one", page.id], page);
  await client.invalidateQueries({ queryKey: ["rules"] });
}

function useChange<Given>(change: (given: Given) => Promise<RulePage>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: (page) => learnt(client, page) });
}

export const useCreateRule = () => useChange((body: { source: string; reason: string }) => post("/api/rules", { body }));
export const useSaveRule = () =>
  useChange(({ rule, ...body }: { rule: string; source: string; reason: string; version: number }) => put("/api/rules/{rule}", { path: { rule }, body }));
export const useRevertRule = () =>
  useChange(({ rule, ...body }: { rule: string; to: number; reason: string; version: number }) => post("/api/rules/{rule}/revert", { path: { rule }, body }));
export const useDecideMerge = () =>
  useChange(({ rule, ...body }: { rule: string; choice: "local" | "upstream" | "merged"; source: string; reason: string; version: number; upstream_hash: string }) =>
    post("/api/rules/{rule}/merge", { path: { rule }, body }),
  );
export const useSetState = () => useChange(({ rule, ...body }: { rule: string; state: RuleState; reason: string; revision: number }) => post("/api/rules/{rule}/state", { path: { rule }, body }));

export const useKeepSample = () =>
  useChange(({ rule, ...body }: { rule: string; kind: "fire" | "quiet"; event: Record<string, unknown>; reason: string }) => post("/api/rules/{rule}/samples", { path: { rule }, body }));

export function useDropSample() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ rule, number }: { rule: string; number: number }) => remove("/api/rules/{rule}/samples/{number}", { path: { rule, number } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["rules", "one"] }),
  });
}

export function useRuleActs() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { items: RuleActItem[]; reason: string }) => post("/api/rules/acts", { body }),
    onSettled: () => client.invalidateQueries({ queryKey: ["rules"] }),
  });
}

export function useStartBackTest() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { rule?: string; source?: string; since?: string; until?: string }) => post("/api/rules/backtests", { body: { rule: "", source: "", since: "", until: "", limit: 5_000_000, seconds: 600, ...body } }),
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: ["jobs"] }), client.invalidateQueries({ queryKey: ["rules", "one"] })]),
  });
}

/** One job, followed while it runs; its result grows meanwhile. */
export const useJob = (job: string) =>
  useQuery({
    queryKey: ["jobs", job],
    queryFn: ({ signal }): Promise<Job> => get("/api/jobs/{job}", { path: { job }, signal }),
    enabled: job !== "",
    refetchInterval: (query) => (query.state.data && isRunning(query.state.data) ? 700 : false),
  });
