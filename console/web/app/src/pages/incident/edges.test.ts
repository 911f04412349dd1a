import { expect, it } from "vitest";
import type { Alert, Entity } from "../../api/types";
import { bundled, edgesOf } from "./edges";

const entity = (value: string, role: string, internal: boolean): Entity => ({ kind: "host", value, role, internal, unit: "" });
const alert = (severity: Alert["severity"], title: string, entities: Entity[]) =>
  ({ severity, title: { key: "", values: {}, zh: title, en: title }, entities }) as Alert;

it("draws one edge a pair, with its worst severity and every title", () => {
  const ours = entity("10.0.0.1", "source", true);
  const other = entity("203.0.113.4", "c2", false);
  const edges = edgesOf([alert("low", "a", [ours, other]), alert("high", "b", [other, ours])]);
  expect(edges).toHaveLength(1);
  expect(edges[0]).toMatchObject({ source: "host:10.0.0.1", target: "host:203.0.113.4", severity: "high" });
  expect(edges[0]?.titles.map((title) => title.en)).toEqual(["a", "b"]);
});

it("draws nothing where nobody acts", () => {
  expect(edgesOf([alert("low", "a", [entity("203.0.113.4", "c2", false)])])).toEqual([]);
});

it("draws many targets of one entity as one node", () => {
  const scanner = entity("10.0.0.1", "source", true);
  const targets = [2, 3, 4, 5, 6, 7].map((last) => entity(`10.0.0.${last}`, "target", true));
  const c2 = entity("203.0.113.4", "c2", false);
  const edges = edgesOf([alert("high", "scan", [scanner, ...targets]), alert("low", "call", [scanner, c2])]);
  const drawn = bundled([scanner, ...targets, c2], edges);
  expect(drawn.nodes.map((node) => node.entities.length).sort()).toEqual([1, 1, 6]);
  expect(drawn.edges).toHaveLength(2);
  expect(drawn.edges.map((edge) => edge.severity).sort()).toEqual(["high", "low"]);
});
