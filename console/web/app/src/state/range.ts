import { useMemo } from "react";
import { useHistogram } from "../api/events";
import type { UrlWords } from "./url";

export const RANGES = ["15m", "1h", "24h", "7d", "30d", "all"] as const;
export type RangeName = (typeof RANGES)[number];

const SECONDS: Record<Exclude<RangeName, "all">, number> = { "15m": 900, "1h": 3600, "24h": 86400, "7d": 604800, "30d": 2592000 };

export interface Range {
  /** Undefined when exact times were given. */
  name: RangeName | undefined;
  since: string | undefined;
  until: string | undefined;
  ready: boolean;
}

/**
 * The time range of a page's address: `range=24h`, or exact `since` and `until`. Without either it is
 * the last 24 hours, or all that is stored when the newest event is older than that (a replay).
 */
export function useRange(words: UrlWords, refreshed: number): Range {
  const given = RANGES.find((name) => name === words.range);
  const exact = Boolean(words.since || words.until);
  const store = useHistogram({ q: "" }, 1, !given && !exact);
  const last = store.data?.last;
  const ready = exact || given !== undefined || !store.isPending;
  return useMemo(() => {
    if (exact) return { name: undefined, since: words.since, until: words.until, ready };
    const old = last ? Date.now() - Date.parse(last) > SECONDS["24h"] * 1000 : false;
    const name: RangeName = given ?? (old ? "all" : "24h");
    if (name === "all") return { name, since: undefined, until: undefined, ready };
    return { name, since: new Date(Date.now() - SECONDS[name] * 1000).toISOString(), until: undefined, ready };
    // `refreshed` moves the window of a relative range on.
  }, [exact, given, last, ready, words.since, words.until, refreshed]);
}
