import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post, type QueryWords } from "./http";
import type { WarningDeed } from "./types";

/** The situation grows by itself, so it is asked again each half minute. */
const AGAIN = 30_000;
const shared = { refetchInterval: AGAIN, placeholderData: keepPreviousData } as const;

export const useSituation = (query: QueryWords<"/api/situation">) =>
  useQuery({ queryKey: ["situation", "gauges", query], queryFn: ({ signal }) => get("/api/situation", { query, signal }), ...shared });

export const useSituationUnits = (run: string) =>
  useQuery({ queryKey: ["situation", "units", run], queryFn: ({ signal }) => get("/api/situation/units", { query: { run }, signal }), ...shared });

export const useForecasts = (run: string) =>
  useQuery({ queryKey: ["situation", "forecasts", run], queryFn: ({ signal }) => get("/api/situation/forecasts", { query: { run }, signal }), ...shared });

export const useAttacks = (run: string) =>
  useQuery({ queryKey: ["situation", "attacks", run], queryFn: ({ signal }) => get("/api/situation/attacks", { query: { run }, signal }), ...shared });

export const useWarnings = (run: string) =>
  useQuery({ queryKey: ["situation", "warnings", run], queryFn: ({ signal }) => get("/api/situation/warnings", { query: { run }, signal }), ...shared });

interface Decision {
  id: string;
  deed: WarningDeed;
  version: number;
  reason: string;
  colour?: "red" | "orange" | "yellow" | "blue";
}

export function useDecideWarning() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: Decision) => post("/api/situation/warnings/{warning}/acts", { path: { warning: id }, body }),
    onSettled: () => client.invalidateQueries({ queryKey: ["situation"] }),
  });
}
