import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, patch, post, remove } from "./http";
import type { EntityKind, Job, Role } from "./types";

export const useEntity = (kind: EntityKind, value: string) =>
  useQuery({ queryKey: ["entity", kind, value], queryFn: ({ signal }) => get("/api/entities/{kind}/{value}", { path: { kind, value }, signal }) });
export const useCompliance = () => useQuery({ queryKey: ["compliance"], queryFn: ({ signal }) => get("/api/compliance", { signal }) });
export const useDrills = () => useQuery({ queryKey: ["drills"], queryFn: ({ signal }) => get("/api/drills", { signal }) });
export const useDrill = (drill: string) =>
  useQuery({ queryKey: ["drills", drill], queryFn: ({ signal }) => get("/api/drills/{drill}", { path: { drill }, signal }) });
export const useScenarios = () => useQuery({ queryKey: ["scenarios"], queryFn: ({ signal }) => get("/api/scenarios", { signal }) });
export const usePlaybooks = () => useQuery({ queryKey: ["playbooks"], queryFn: ({ signal }) => get("/api/playbooks", { signal }) });
export const useInventory = () => useQuery({ queryKey: ["assets"], queryFn: ({ signal }) => get("/api/assets", { signal }), staleTime: 300_000 });
export const isUnitField = (field: string) => field === "cn.unit" || /^cn\.\w+\.unit$/.test(field);

/** The name of a unit in the place of its id. */
export function useUnitName(): (id: string) => string {
  const { data } = useInventory();
  return (id) => data?.units.find((unit) => unit.id === id)?.name ?? id;
}
export const useHealth = () => useQuery({ queryKey: ["health"], queryFn: ({ signal }) => get("/api/health", { signal }), refetchInterval: 10_000 });
export const useStore = () => useQuery({ queryKey: ["store"], queryFn: ({ signal }) => get("/api/store", { signal }), refetchInterval: 30_000 });
export const useReplays = () => useQuery({ queryKey: ["replays"], queryFn: ({ signal }) => get("/api/replays", { signal }) });
export const useSettings = () => useQuery({ queryKey: ["settings"], queryFn: ({ signal }) => get("/api/settings", { signal }) });
export const useUsers = () => useQuery({ queryKey: ["users"], queryFn: ({ signal }) => get("/api/users", { signal }) });

export const AUDIT_PAGE = 100;
export const useAudit = (before: number | undefined) =>
  useQuery({ queryKey: ["audit", before], queryFn: ({ signal }) => get("/api/audit", { query: { before, limit: AUDIT_PAGE }, signal }) });

export const isRunning = (job: Pick<Job, "status">) => job.status === "queued" || job.status === "running";

/** Jobs, asked again while one runs in case the stream is away. */
export const useJobs = () =>
  useQuery({
    queryKey: ["jobs"],
    queryFn: ({ signal }) => get("/api/jobs", { signal }),
    refetchInterval: (query) => (query.state.data?.items.some(isRunning) ? 2_000 : false),
  });

/** A mutation that makes lists grow old. */
function useDeed<Given, Answer>(deed: (given: Given) => Promise<Answer>, ...keys: string[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deed,
    onSettled: () => Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

interface NewUser {
  name: string;
  roles: Role[];
}
interface UserChange {
  name: string;
  version: string;
  roles?: Role[];
  disabled?: boolean;
  reset_password?: boolean;
}

export const useStartCheck = () => useDeed((_: undefined) => post("/api/compliance/runs", {}), "jobs", "compliance");
export const useStartDrill = () => useDeed((body: { scenario: string; seed: number }) => post("/api/drills", { body }), "jobs", "drills");
export const usePurgeDrill = () => useDeed((drill: string) => remove("/api/drills/{drill}", { path: { drill } }), "drills", "incidents", "jobs");
export const useCancelJob = () => useDeed((job: string) => post("/api/jobs/{job}/cancel", { path: { job } }), "jobs");
export const useAddUser = () => useDeed((given: NewUser) => post("/api/users", { body: { ...given, language: "zh" } }), "users");
export const useChangeUser = () =>
  useDeed(({ name, ...change }: UserChange) => patch("/api/users/{name}", { path: { name }, body: { reset_password: false, ...change } }), "users");
