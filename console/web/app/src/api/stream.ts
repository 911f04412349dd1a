import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";

export type LiveState = "live" | "paused" | "lost";

/** Which cached answers grow old when the server says that a noun has changed. */
const NOUNS: Record<string, string[]> = {
  situation: ["situation"],
  incidents: ["incidents", "incident", "alerts"],
  jobs: ["jobs", "replays", "drills", "compliance"],
  health: ["health"],
  systems: ["systems"],
};

let state: LiveState = "lost";
let source: EventSource | null = null;
const listeners = new Set<() => void>();

function become(next: LiveState): void {
  state = next;
  for (const listener of listeners) listener();
}

function open(client: QueryClient): void {
  source?.close();
  source = new EventSource("/api/stream");
  source.onopen = () => become("live");
  source.onerror = () => become("lost");
  for (const [event, keys] of Object.entries(NOUNS)) {
    source.addEventListener(event, () => {
      for (const key of keys) void client.invalidateQueries({ queryKey: [key] });
    });
  }
}

function close(): void {
  source?.close();
  source = null;
}

/** Holds the stream open while the frame is shown, for whom may read it. */
export function useStream(allowed: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!allowed) return;
    open(client);
    return close;
  }, [client, allowed]);
}

export function useLive(): { state: LiveState; toggle(): void } {
  const client = useQueryClient();
  const now = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
  const toggle = () => {
    if (state === "paused") {
      open(client);
      void client.invalidateQueries();
    } else {
      close();
      become("paused");
    }
  };
  return { state: now, toggle };
}
