import { expect, test } from "vitest";
import type { Act } from "../../api/types";
import { takenBack } from "./takenBack";

const acts = (...kinds: Act["kind"][]): Act[] => kinds.map((kind, at) => ({ kind, by: "a", at: `2026-01-01T00:00:0${at}Z`, values: {} }));

test("each undo takes back the last act that still counts", () => {
  const history = acts("take", "split", "undo", "note", "undo", "undo");
  expect([...takenBack(history)].map((act) => act.kind)).toEqual(["split", "note", "take"]);
  expect(takenBack(acts("undo", "take")).size).toBe(0);
});

test("an undo takes back nothing that was done in an incident merged into this one", () => {
  const [own, other, undo] = acts("split", "split", "undo");
  if (own && other && undo) expect([...takenBack([own, { ...other, values: { incident: "x" } }, undo])]).toEqual([own]);
});
