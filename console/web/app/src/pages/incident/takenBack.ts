import type { Act } from "../../api/types";

/** The acts of a history that a later undo took back: each undo takes the last one of its own incident that still counts. */
export function takenBack(history: readonly Act[]): ReadonlySet<Act> {
  const counting = new Map<string, Act[]>(); // by the incident where it was done; "" is this one
  const back = new Set<Act>();
  for (const act of history) {
    const where = String(act.values.incident ?? "");
    const before = counting.get(where) ?? [];
    if (act.kind !== "undo") counting.set(where, [...before, act]);
    else {
      const gone = before.pop();
      if (gone) back.add(gone);
    }
  }
  return back;
}
