import type { DoneItem, Story, TimelineEntry } from "../../api/types";
import { touches, type Range } from "./slots";

export type LineItem =
  | { kind: "alert"; key: string; at: string; entry: TimelineEntry }
  | { kind: "done"; key: string; at: string; done: DoneItem }
  | { kind: "gap"; key: string; at: string; seconds: number };

interface Filter {
  tactic: string;
  range: Range | null;
}

/** Alerts, acts and gaps in order of time. Gaps are told only of the whole: a filter would invent some. */
export function lineOf(story: Pick<Story, "timeline" | "done">, { tactic, range }: Filter): LineItem[] {
  const { timeline, done } = story;
  const entries = timeline.entries.filter((entry) => (!tactic || entry.tactics.includes(tactic)) && touches(timeline, range, entry.first, entry.last));
  const items: LineItem[] = entries.map((entry) => ({ kind: "alert", key: entry.id, at: entry.first, entry }));
  if (!tactic) {
    const gaps = timeline.gaps.filter((gap) => touches(timeline, range, gap.since, gap.until));
    items.push(...gaps.map((gap): LineItem => ({ kind: "gap", key: `gap${gap.since}`, at: gap.since, seconds: (Date.parse(gap.until) - Date.parse(gap.since)) / 1000 })));
  }
  if (!range) items.push(...done.map((each, index): LineItem => ({ kind: "done", key: `done${index}`, at: each.at, done: each })));
  const order = { alert: 0, gap: 1, done: 2 };
  return items.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || order[a.kind] - order[b.kind] || (a.key < b.key ? -1 : 1));
}
