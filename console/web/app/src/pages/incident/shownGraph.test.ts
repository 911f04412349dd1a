import { expect, it } from "vitest";
import type { IncidentGraph } from "../../api/types";
import { shownGraph } from "./shownGraph";

const node = (id: string) => ({ id }) as IncidentGraph["nodes"][number];
const edge = (id: string, source: string, target: string, lines: number[]) => ({ id, source, target, lines }) as IncidentGraph["edges"][number];
const line = (rule: number, severity: string, tactics: string[], slots: number[][]) => ({ rule, severity, tactics, slots }) as IncidentGraph["lines"][number];

const graph = {
  nodes: [node("a"), node("b"), node("c")],
  edges: [edge("e1", "a", "b", [0, 1]), edge("e2", "a", "c", [1])],
  lines: [line(0, "high", ["discovery"], [[0, 3], [5, 2]]), line(1, "low", ["impact"], [[5, 1]]), line(2, "low", [], [[9, 4]])],
  alone: [2],
};

it("counts an alert on each edge and once in the sum", () => {
  const all = shownGraph(graph, "", null);
  expect(all.edges.map((each) => each.shown)).toEqual([6, 1]);
  expect([all.alerts, all.alone]).toEqual([10, 4]);
  expect(all.nodes.some((each) => each.dim)).toBe(false);
});

it("lets through what the stage and the time let through, and dims the rest", () => {
  const late = shownGraph(graph, "impact", [5, 5]);
  expect(late.edges.map((each) => [each.id, each.shown, each.worst])).toEqual([["e1", 1, "low"], ["e2", 1, "low"]]);
  const early = shownGraph(graph, "", [0, 4]);
  expect(early.edges.map((each) => [each.id, each.shown, each.worst])).toEqual([["e1", 3, "high"]]);
  expect(early.nodes.filter((each) => each.dim).map((each) => each.id)).toEqual(["c"]);
});
