import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post, type QueryWords } from "./http";
import type { ActKind, ActValues, Target } from "./types";

export const useCases = (query: QueryWords<"/api/incidents">, enabled = true) =>
  useQuery({
    enabled,
    queryKey: ["incidents", query],
    queryFn: ({ signal }) => get("/api/incidents", { query, signal }),
    placeholderData: keepPreviousData,
  });

export const useCase = (incident: string) =>
  useQuery({ queryKey: ["incident", incident], queryFn: ({ signal }) => get("/api/incidents/{incident}", { path: { incident }, signal }) });

export const useStory = (incident: string) =>
  useQuery({
    queryKey: ["incident", incident, "story"],
    queryFn: ({ signal }) => get("/api/incidents/{incident}/story", { path: { incident }, signal }),
  });

/** The attack graph with these groups open, in the order of their ids. */
export const useGraph = (incident: string, opened: string) =>
  useQuery({
    queryKey: ["incident", incident, "graph", opened],
    queryFn: ({ signal }) => get("/api/incidents/{incident}/graph", { path: { incident }, query: { opened }, signal }),
    placeholderData: keepPreviousData,
  });

/** Alerts of an incident, page after page. */
export const useStoryAlerts = (incident: string, query: Omit<QueryWords<"/api/incidents/{incident}/alerts">, "after">) =>
  useInfiniteQuery({
    queryKey: ["incident", incident, "alerts", query],
    queryFn: ({ signal, pageParam }) => get("/api/incidents/{incident}/alerts", { path: { incident }, query: { ...query, after: pageParam }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.after || undefined,
  });

export const useMatchingPlaybooks = (incident: string) =>
  useQuery({
    queryKey: ["incident", incident, "playbooks"],
    queryFn: ({ signal }) => get("/api/incidents/{incident}/playbooks", { path: { incident }, signal }),
  });

export const useRuns = (incident: string) =>
  useQuery({
    queryKey: ["incident", incident, "runs"],
    queryFn: ({ signal }) => get("/api/incidents/{incident}/runs", { path: { incident }, signal }),
  });

export const useAlert = (alert: string) =>
  useQuery({ queryKey: ["alerts", alert], queryFn: ({ signal }) => get("/api/alerts/{alert}", { path: { alert }, signal }) });

function useRefresh() {
  const client = useQueryClient();
  return async () => {
    await Promise.all([client.invalidateQueries({ queryKey: ["incidents"] }), client.invalidateQueries({ queryKey: ["incident"] })]);
  };
}

export function useAct() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ target, kind, values = {} }: { target: Target; kind: ActKind; values?: ActValues }) =>
      post("/api/incidents/{incident}/acts", { path: { incident: target.id }, body: { kind, version: target.version, values } }),
    onSettled: refresh,
  });
}

export function useMerge() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: { items: Target[]; reason: string }) => post("/api/incidents/merge", { body }),
    onSettled: refresh,
  });
}

export function useSplit(incident: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: { version: number; alerts: string[]; reason: string }) => post("/api/incidents/{incident}/split", { path: { incident }, body }),
    onSettled: refresh,
  });
}

/** Undo why one alert stands in an incident: it leaves, with what stands there only through it. */
export function useUnjoin(incident: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: { version: number; alert: string; reason: string }) => post("/api/incidents/{incident}/unjoin", { path: { incident }, body }),
    onSettled: refresh,
  });
}

export function useBulkAct() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ items, kind, values = {} }: { items: Target[]; kind: ActKind; values?: ActValues }) =>
      post("/api/incidents/acts", { body: { items, kind, values } }),
    onSettled: refresh,
  });
}

/** Alerts that stand in no incident. */
export const useWeakAlerts = (query: QueryWords<"/api/alerts/weak">) =>
  useQuery({ queryKey: ["alerts", "weak", query], queryFn: ({ signal }) => get("/api/alerts/weak", { query, signal }), placeholderData: keepPreviousData });

export function useRehearse(incident: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (playbook: string) => post("/api/incidents/{incident}/runs", { path: { incident }, body: { playbook, mode: "rehearsal" } }),
    onSettled: refresh,
  });
}

export function useDecide() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ run, ...body }: { run: string; step: string; approve: boolean; reason: string }) => post("/api/runs/{run}/decisions", { path: { run }, body }),
    onSettled: refresh,
  });
}

/** The newest alerts of a rule within a time. */
export const useAlertsOf = (query: QueryWords<"/api/alerts">) =>
  useQuery({ queryKey: ["alerts", "of", query], queryFn: ({ signal }) => get("/api/alerts", { query, signal }) });
