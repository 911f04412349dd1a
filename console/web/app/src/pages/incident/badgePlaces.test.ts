import { describe, expect, it } from "vitest";
import { badgePlaces } from "./GraphView";

const edge = (source: string, target: string) => ({ id: `${source}${target}`, source, target });

describe("places of badges", () => {
  const edges = ["a", "b", "c"].flatMap((source) => ["x", "y"].map((target) => edge(source, target)));

  it("gives no place twice", () => {
    const places = badgePlaces(edges, "", new Set());
    const at = edges.filter((one) => places.has(one.id)).map((one) => (places.get(one.id) === "end" ? one.target : one.source));
    expect(new Set(at).size).toBe(at.length);
  });

  it("shows all of the chosen place, apart from each other", () => {
    for (const here of ["a", "x"]) {
      const near = edges.filter((one) => one.source === here || one.target === here);
      const places = badgePlaces(edges, here, new Set(near.map((one) => one.id)));
      expect(near.map((one) => places.get(one.id))).toEqual(near.map(() => (here === "a" ? "end" : "begin")));
    }
  });
});
