/** Which techniques of ATT&CK the rules cover, as they stand now. */
import type { Rule } from "../../api/types";
import { TACTICS, TECHNIQUES } from "../../i18n";

export const COVERS = ["live", "partial", "inert", "off", "none"] as const;
/** The best that any rule of a technique does: fires, fires on some fields, has no data, is switched off; or there is no rule. */
export type Cover = (typeof COVERS)[number];

export interface Covered {
  id: string;
  zh: string;
  en: string;
  tactics: readonly string[];
  cover: Cover;
  live: number;
  partial: number;
  inert: number;
  /** Drafts, retired and parked ones. */
  off: number;
  rules: number;
  hits: number;
}

export const parentOf = (technique: string) => technique.split(".")[0] ?? technique;

/** A rule that may speak: neither draft nor retired nor parked. */
export const isOn = (rule: Pick<Rule, "state" | "health">) => rule.health !== "parked" && rule.state !== "draft" && rule.state !== "retired";

const empty = (id: string, zh: string, en: string, tactics: readonly string[]): Covered => ({ id, zh, en, tactics, cover: "none", live: 0, partial: 0, inert: 0, off: 0, rules: 0, hits: 0 });

/** Every technique of the catalogue, and those beside it that rules name, with what covers it. Sub-techniques count for their parent. */
export function coverage(rules: readonly Rule[]): Covered[] {
  const known = new Map<string, Covered>([...TECHNIQUES.values()].map((one) => [one.id, empty(one.id, one.zh, one.en, one.tactics)]));
  for (const rule of rules) {
    for (const id of new Set(rule.techniques.map(parentOf))) {
      let cell = known.get(id);
      if (!cell) known.set(id, (cell = empty(id, "", "", rule.tactics)));
      cell.rules += 1;
      cell.hits += rule.hits_30d;
      cell[isOn(rule) && rule.health !== "parked" ? rule.health : "off"] += 1;
    }
  }
  for (const cell of known.values()) cell.cover = COVERS.find((cover) => cover !== "none" && cell[cover] > 0) ?? "none";
  return [...known.values()];
}

export interface TacticColumn {
  key: string;
  id: string;
  zh: string;
  en: string;
  cells: Covered[];
  live: number;
  total: number;
}

/** The techniques under each tactic that they serve, in the order of an intrusion. */
export function columns(cells: readonly Covered[], only: string | undefined): TacticColumn[] {
  return TACTICS.map((tactic) => {
    const own = cells.filter((cell) => cell.tactics.includes(tactic.key));
    return { ...tactic, cells: own.filter((cell) => !only || cell.cover === only), live: own.filter((cell) => cell.cover === "live").length, total: own.length };
  });
}

export const countsOf = (cells: readonly Covered[]): Record<Cover, number> => {
  const counts = { live: 0, partial: 0, inert: 0, off: 0, none: 0 };
  for (const cell of cells) counts[cell.cover] += 1;
  return counts;
};
