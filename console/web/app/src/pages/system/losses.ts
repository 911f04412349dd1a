/** What was lost, joint by joint, and how its counters are called. */
import type { Joint } from "../../api/types";

type Word = (prefix: string, name: string) => string;

interface RunLosses {
  name?: unknown;
  losses?: Record<string, number>;
}

export interface Loss {
  joint: string;
  /** The replay or drill that lost it; empty for what is live. */
  run: string;
  name: string;
  count: number;
  /** Of it within the last hour; none is told of a replay. */
  lately: number | null;
  /** It tells of the traffic, and nothing is missing. */
  noted: boolean;
}

/** Every counter of a joint, what grew lately first; replays and drills apart from live traffic. */
export function lossesOf(joint: Joint): Loss[] {
  const live = Object.entries(joint.losses).map(([name, count]) => ({ joint: joint.id, run: "", name, count, lately: joint.lost_lately[name] ?? 0, noted: joint.noted.includes(name) }));
  const runs = Object.entries((joint.detail.runs ?? {}) as Record<string, RunLosses>);
  const past = runs.flatMap(([id, run]) => Object.entries(run.losses ?? {}).map(([name, count]) => ({ joint: joint.id, run: String(run.name || id), name, count, lately: null, noted: false })));
  const weight = (loss: Loss) => (loss.noted ? 0 : (loss.lately ?? 0));
  return [...live.sort((one, other) => weight(other) - weight(one) || other.count - one.count), ...past];
}

/** What was really lost of a joint: within the last hour, and since it started. */
export function lostOf(joint: Joint): { lately: number; total: number } {
  const lost = lossesOf(joint).filter((loss) => !loss.noted && !loss.run);
  return { lately: lost.reduce((sum, loss) => sum + (loss.lately ?? 0), 0), total: lost.reduce((sum, loss) => sum + loss.count, 0) };
}

/** A counter's name: the catalogue's own sentence, else its place and its kind, a protocol in capitals. */
export function lossName(name: string, word: Word, joined: (place: string, kind: string) => string): string {
  const own = word("web.loss", name);
  if (own !== name) return own;
  const [place = "", ...rest] = name.split(".");
  const kind = rest.join(".");
  const told = word("web.loss_place", place);
  return kind ? joined(told === place ? place.toUpperCase().replaceAll("_", " ") : told, word("web.loss_kind", kind)) : name;
}
