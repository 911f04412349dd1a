import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "./http";
import { isRunning } from "./shelves";
import type { RetroHunt, StartRetroHunt } from "./types";

const ONE_SECOND = 1_000;

/** Retro-hunts so far, newest first, without their hits. */
export const useRetroHunts = () =>
  useQuery({
    queryKey: ["retro"],
    queryFn: ({ signal }) => get("/api/retro-hunts", { signal }),
    refetchInterval: (query) => (query.state.data?.items.some((hunt) => isRunning(hunt.job)) ? ONE_SECOND : false),
  });

/** One, followed while it runs; what it finds grows meanwhile. */
export const useRetroHunt = (job: string) =>
  useQuery({
    queryKey: ["retro", job],
    queryFn: ({ signal }): Promise<RetroHunt> => get("/api/retro-hunts/{job}", { path: { job }, signal }),
    enabled: job !== "",
    refetchInterval: (query) => (query.state.data && isRunning(query.state.data.job) ? ONE_SECOND : false),
  });

export const useEstimate = () => useMutation({ mutationFn: (body: StartRetroHunt) => post("/api/retro-hunts/estimate", { body }) });

function useStarting<Given>(start: (given: Given) => Promise<RetroHunt>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: start,
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: ["retro"] }), client.invalidateQueries({ queryKey: ["jobs"] })]),
  });
}

export const useStartRetro = () => useStarting((body: StartRetroHunt) => post("/api/retro-hunts", { body }));
export const useResumeRetro = () => useStarting((job: string) => post("/api/retro-hunts/{job}/resume", { path: { job } }));
export const useCancelRetro = () => useStarting((job: string) => post("/api/jobs/{job}/cancel", { path: { job } }).then(() => get("/api/retro-hunts/{job}", { path: { job } })));
