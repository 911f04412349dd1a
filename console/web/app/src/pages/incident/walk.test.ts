import { expect, it } from "vitest";
import type { ShownGraph } from "./shownGraph";
import { walk } from "./walk";

const node = (id: string, column: number, row: number, dim = false) => ({ id, column, row, dim }) as ShownGraph["nodes"][number];
const edge = (id: string, source: string, target: string) => ({ id, source, target }) as ShownGraph["edges"][number];
const graph = {
  nodes: [node("x", 0, 0), node("a", 1, 0), node("b", 1, 1), node("c", 2, 0), node("d", 2, 1), node("far", 2, 2, true)],
  edges: [edge("xa", "x", "a"), edge("ad", "a", "d"), edge("ac", "a", "c")],
};
const go = (from: string, ...keys: string[]) => keys.reduce((at, key) => walk(graph, at, `Arrow${key}`), from);

it("walks along columns and along acts", () => {
  expect(go("a", "Down")).toBe("b");
  expect(go("b", "Down")).toBe("b");
  expect(go("x", "Right")).toBe("xa");
  expect(go("x", "Right", "Right")).toBe("a");
  expect(go("a", "Right")).toBe("ac");
  expect(go("a", "Right", "Down")).toBe("ad");
  expect(go("a", "Right", "Down", "Right")).toBe("d");
  expect(go("d", "Left")).toBe("ad");
  expect(go("d", "Left", "Left")).toBe("a");
});

it("begins at the first node and never stands on one that is out of the filter", () => {
  expect(walk(graph, "nowhere", "ArrowDown")).toBe("x");
  expect(go("d", "Down")).toBe("d");
});

it("reaches every node and every act", () => {
  const seen = new Set(["x"]);
  for (let grown = true; grown; ) {
    const before = seen.size;
    for (const at of [...seen]) for (const key of ["Up", "Down", "Left", "Right"]) seen.add(go(at, key));
    grown = seen.size > before;
  }
  expect([...seen].sort()).toEqual(["a", "ac", "ad", "b", "c", "d", "x", "xa"]);
});
