import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post, remove } from "./http";

/** A search in the store; times are ISO, absent ones mean the store's own ends. */
export interface Search {
  q: string;
  since?: string;
  until?: string;
}

export const PAGE = 100;

export const useEvents = (search: Search, sort: string, enabled: boolean) =>
  useInfiniteQuery({
    queryKey: ["events", search, sort],
    queryFn: ({ pageParam, signal }) => get("/api/events", { query: { ...search, sort, limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor || undefined,
    placeholderData: keepPreviousData,
    enabled,
  });

export const useHistogram = (search: Search, buckets: number, enabled = true) =>
  useQuery({
    queryKey: ["histogram", search, buckets],
    queryFn: ({ signal }) => get("/api/events/histogram", { query: { ...search, buckets }, signal }),
    placeholderData: keepPreviousData,
    enabled,
  });

export const useTerms = (search: Search, field: string, size: number, enabled: boolean) =>
  useQuery({
    queryKey: ["terms", search, field, size],
    queryFn: ({ signal }) => get("/api/events/terms", { query: { ...search, field, size }, signal }),
    enabled,
  });

/** One event; `q` says what is marked in it. */
export const useEvent = (event: string, q = "") =>
  useQuery({
    queryKey: ["event", event, q],
    queryFn: ({ signal }) => get("/api/events/{event}", { path: { event }, query: { q }, signal }),
    staleTime: Infinity,
  });

export const useFields = () => useQuery({ queryKey: ["fields"], queryFn: ({ signal }) => get("/api/fields", { signal }), staleTime: Infinity });

export const useFlow = (session: string) =>
  useQuery({ queryKey: ["flow", session], queryFn: ({ signal }) => get("/api/flows/{session}", { path: { session }, signal }) });

export const usePackets = (session: string, limit: number) =>
  useQuery({
    queryKey: ["flow", session, "packets", limit],
    queryFn: ({ signal }) => get("/api/flows/{session}/packets", { path: { session }, query: { limit }, signal }),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });

export const usePacket = (session: string, number: number) =>
  useQuery({
    queryKey: ["flow", session, "packet", number],
    queryFn: ({ signal }) => get("/api/flows/{session}/packets/{number}", { path: { session, number }, signal }),
    staleTime: Infinity,
  });

export const useHunts = () => useQuery({ queryKey: ["hunts"], queryFn: ({ signal }) => get("/api/hunts", { signal }) });

export function useSaveHunt() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; query: string }) => post("/api/hunts", { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["hunts"] }),
  });
}

export function useForgetHunt() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (hunt: string) => remove("/api/hunts/{hunt}", { path: { hunt } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["hunts"] }),
  });
}
