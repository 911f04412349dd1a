import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post, type QueryWords } from "./http";
import type { ActKind, ActValues, Target } from "./types";

export const useCases = (query: QueryWords<"/api/incidents">) =>
  useQuery({
    queryKey: ["incidents", query],
    queryFn: ({ signal }) => get("/api/incidents", { query, signal }),
    placeholderData: keepPreviousData,
  });

export const useCase = (incident: string) =>
  useQuery({ queryKey: ["incident", incident], queryFn: ({ signal }) => get("/api/incidents/{incident}", { path: { incident }, signal }) });

export const useTimeline = (incident: string) =>
  useQuery({
    queryKey: ["incident", incident, "timeline"],
    queryFn: ({ signal }) => get("/api/incidents/{incident}/timeline", { path: { incident }, signal }),
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

export function useBulkAct() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ items, kind, values = {} }: { items: Target[]; kind: ActKind; values?: ActValues }) =>
      post("/api/incidents/acts", { body: { items, kind, values } }),
    onSettled: refresh,
  });
}

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
