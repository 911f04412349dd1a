import { expect, it } from "vitest";
import type { RefusedRule, Rule } from "../../api/types";
import { chosenRefused, chosenRules, isNarrowed, underTechnique } from "./ruleRows";

const rule = (id: string, more: Partial<Rule> = {}): Rule =>
  ({
    id,
    title: { key: "", values: {}, zh: `规则${id}`, en: `Rule ${id}` },
    kind: "sigma",
    severity: "medium",
    state: "stable",
    health: "live",
    techniques: [],
    tactics: [],
    units: [],
    logsource: "",
    platform: "",
    author: "",
    path: "",
    pack: "",
    origin: "builtin",
    hits: 0,
    hits_30d: 0,
    cost_us: null,
    local: false,
    upstream_changed: false,
    ...more,
  }) as Rule;

const ids = (rules: Rule[], words: Record<string, string>) => chosenRules(rules, words).rows.map((one) => one.id);
const rules = [
  rule("a", { severity: "high", tactics: ["execution"], platform: "windows", hits_30d: 5 }),
  rule("b", { health: "inert", tactics: ["execution", "impact"], hits_30d: 9 }),
  rule("c", { state: "draft", techniques: ["T1071.004"], cost_us: 3 }),
];

it("sorts by hits unless told otherwise", () => {
  expect(ids(rules, {})).toEqual(["b", "a", "c"]);
  expect(ids(rules, { sort: "-cost" })).toEqual(["c", "a", "b"]);
  expect(ids(rules, { sort: "-severity" })).toEqual(["a", "b", "c"]);
});

it("takes any of the values of one facet and all of the facets", () => {
  expect(ids(rules, { tactic: "execution,impact" })).toEqual(["b", "a"]);
  expect(ids(rules, { tactic: "execution", health: "live" })).toEqual(["a"]);
});

it("counts for a facet what its other values would leave", () => {
  const { counts } = chosenRules(rules, { health: "inert" });
  expect(counts.health).toEqual([
    { key: "live", count: 2 },
    { key: "inert", count: 1 },
  ]);
  expect(counts.tactic).toEqual([
    { key: "execution", count: 1 },
    { key: "impact", count: 1 },
  ]);
});

it("keeps a chosen value in sight when nothing has it any more", () => {
  expect(chosenRules(rules, { platform: "linux" }).counts.platform).toEqual(expect.arrayContaining([{ key: "linux", count: 0 }]));
});

it("finds all the typed words, in either language", () => {
  expect(ids(rules, { text: "rule A" })).toEqual(["a"]);
  expect(ids(rules, { text: "规则b" })).toEqual(["b"]);
});

it("holds sub-techniques under their technique", () => {
  expect(underTechnique("T1071.004", "T1071")).toBe(true);
  expect(underTechnique("T10719", "T1071")).toBe(false);
  expect(ids(rules, { technique: "T1071" })).toEqual(["c"]);
});

it("searches what was refused by place and reason", () => {
  const refused = [{ path: "a/b.yml", title: "", reason: "unknown modifier", pack: "hq", origin: "pack", line: 3 } as RefusedRule];
  expect(chosenRefused(refused, { text: "modifier b.yml" })).toHaveLength(1);
  expect(chosenRefused(refused, { pack: "other" })).toHaveLength(0);
});

it("knows whether anything narrows the list", () => {
  expect(isNarrowed({ sort: "-hits", rule: "a" })).toBe(false);
  expect(isNarrowed({ technique: "T1071" })).toBe(true);
});
