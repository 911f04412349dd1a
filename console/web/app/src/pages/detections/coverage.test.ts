import { expect, it } from "vitest";
import type { Rule } from "../../api/types";
import { TECHNIQUES } from "../../i18n";
import { columns, countsOf, coverage } from "./coverage";

const rule = (more: Partial<Rule>): Rule => ({ id: "r", techniques: [], tactics: [], state: "stable", health: "live", hits_30d: 0, ...more }) as Rule;
const cell = (rules: Rule[], id: string) => coverage(rules).find((one) => one.id === id);

it("says of every technique that nobody covers it, where there is no rule", () => {
  const counts = countsOf(coverage([]));
  expect(counts.none).toBe(TECHNIQUES.size);
  expect(counts.live).toBe(0);
});

it("counts a sub-technique for its parent, once a rule", () => {
  const found = cell([rule({ techniques: ["T1071.001", "T1071.004", "T1071"], hits_30d: 3 })], "T1071");
  expect(found).toMatchObject({ cover: "live", live: 1, rules: 1, hits: 3 });
});

it("takes the best of what covers a technique", () => {
  const inert = rule({ id: "a", techniques: ["T1059"], health: "inert" });
  const partial = rule({ id: "b", techniques: ["T1059"], health: "partial" });
  expect(cell([inert], "T1059")?.cover).toBe("inert");
  expect(cell([inert, partial], "T1059")?.cover).toBe("partial");
});

it("does not call covered what is a draft, retired or parked", () => {
  const off = [rule({ techniques: ["T1110"], state: "draft" }), rule({ techniques: ["T1110"], state: "retired" }), rule({ techniques: ["T1110"], health: "parked" })];
  expect(cell(off, "T1110")).toMatchObject({ cover: "off", off: 3, live: 0 });
});

it("keeps techniques that the catalogue does not know", () => {
  const made = columns(coverage([rule({ techniques: ["T9999"], tactics: ["impact"] })]), undefined);
  expect(made.find((column) => column.key === "impact")?.cells.some((one) => one.id === "T9999")).toBe(true);
});

it("has fourteen columns and narrows them", () => {
  const made = columns(coverage([rule({ techniques: ["T1190"], tactics: ["initial-access"] })]), "live");
  expect(made).toHaveLength(14);
  expect(made.flatMap((column) => column.cells).map((one) => one.id)).toEqual(["T1190"]);
});
