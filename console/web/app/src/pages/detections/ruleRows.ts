/** Which rules a page's address asks for, in which order, and what each facet would leave. */
import type { Bucket, RefusedRule, Rule } from "../../api/types";
import { TACTICS } from "../../i18n";
import type { UrlWords } from "../../state/url";
import { SEVERITIES } from "../../theme/severity";

/** A facet: its word in the address and the values that a rule has of it. */
interface FacetOf {
  name: string;
  values(rule: Rule): readonly string[];
}

const one = (value: string): readonly string[] => (value ? [value] : []);

export const FACETS: readonly FacetOf[] = [
  { name: "health", values: (rule) => [rule.health] },
  { name: "state", values: (rule) => [rule.state] },
  { name: "level", values: (rule) => [rule.severity] },
  { name: "tactic", values: (rule) => rule.tactics },
  { name: "platform", values: (rule) => one(rule.platform) },
  { name: "kind", values: (rule) => [rule.kind] },
  { name: "pack", values: (rule) => one(rule.pack || rule.origin) },
];

/** Words of the address that narrow the list but have no facet of their own. */
export const NARROWING = ["technique", "unit", "changed"] as const;

export const list = (word: string | undefined): string[] => (word ? word.split(",") : []);

/** `T1071` holds `T1071.004`. */
export const underTechnique = (technique: string, wanted: string) => technique === wanted || technique.startsWith(`${wanted}.`);

const searched = (rule: Rule) => `${rule.id} ${rule.title.zh} ${rule.title.en} ${rule.techniques.join(" ")} ${rule.logsource} ${rule.author} ${rule.path}`.toLowerCase();

function narrowed(rules: readonly Rule[], words: UrlWords): Rule[] {
  const typed = (words.text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const techniques = list(words.technique);
  const units = list(words.unit);
  return rules.filter((rule) => {
    if (techniques.length > 0 && !techniques.some((wanted) => rule.techniques.some((has) => underTechnique(has, wanted)))) return false;
    if (units.length > 0 && !units.some((unit) => rule.units.includes(unit))) return false;
    if (words.changed === "upstream" && !rule.upstream_changed) return false;
    if (words.changed === "local" && !rule.local) return false;
    if (typed.length === 0) return true;
    const text = searched(rule);
    return typed.every((word) => text.includes(word));
  });
}

const fits = (rule: Rule, facet: FacetOf, words: UrlWords) => {
  const chosen = list(words[facet.name]);
  return chosen.length === 0 || facet.values(rule).some((value) => chosen.includes(value));
};

export interface Chosen {
  rows: Rule[];
  /** For each facet how many rules each value would leave, all other choices kept. */
  counts: Record<string, Bucket[]>;
}

export function chosenRules(rules: readonly Rule[], words: UrlWords): Chosen {
  const base = narrowed(rules, words);
  const misses = base.map((rule) => FACETS.filter((facet) => !fits(rule, facet, words)));
  const counts: Record<string, Bucket[]> = {};
  for (const facet of FACETS) {
    const found = new Map<string, number>(list(words[facet.name]).map((key) => [key, 0]));
    base.forEach((rule, index) => {
      const missed = misses[index] ?? [];
      if (missed.length > 1 || (missed.length === 1 && missed[0] !== facet)) return;
      for (const value of new Set(facet.values(rule))) found.set(value, (found.get(value) ?? 0) + 1);
    });
    counts[facet.name] = inOrder(facet.name, [...found].map(([key, count]) => ({ key, count })));
  }
  const rows = base.filter((_, index) => misses[index]?.length === 0).sort(compare(words.sort ?? "-hits"));
  return { rows, counts };
}

const HEALTHS = ["live", "partial", "inert", "parked"];
export const STATES = ["draft", "experimental", "stable", "retired"] as const;
const ORDERS: Record<string, readonly string[]> = { level: SEVERITIES, health: HEALTHS, state: STATES, tactic: TACTICS.map((tactic) => tactic.key) };

function inOrder(name: string, buckets: Bucket[]): Bucket[] {
  const order = ORDERS[name];
  if (!order) return buckets.sort((a, b) => b.count - a.count || a.key.localeCompare(b.key));
  const place = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  return buckets.sort((a, b) => place(a.key) - place(b.key));
}

const BY: Record<string, (a: Rule, b: Rule) => number> = {
  hits: (a, b) => a.hits_30d - b.hits_30d || a.hits - b.hits,
  cost: (a, b) => (a.cost_us ?? -1) - (b.cost_us ?? -1),
  severity: (a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity),
  state: (a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state),
  health: (a, b) => HEALTHS.indexOf(b.health) - HEALTHS.indexOf(a.health),
  title: (a, b) => a.title.zh.localeCompare(b.title.zh, "zh-CN"),
  title_en: (a, b) => a.title.en.localeCompare(b.title.en, "en"),
};

/** `-hits`: most first; equal ones worst first, then by id, so that the order never wavers. */
export function compare(sort: string): (a: Rule, b: Rule) => number {
  const sign = sort.startsWith("-") ? -1 : 1;
  const by = BY[sort.replace("-", "")];
  return (a, b) => (by ? sign * by(a, b) : 0) || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || a.id.localeCompare(b.id);
}

export function chosenRefused(refused: readonly RefusedRule[], words: UrlWords): RefusedRule[] {
  const typed = (words.text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const packs = list(words.pack);
  return refused.filter((row) => {
    if (packs.length > 0 && !packs.includes(row.pack || row.origin)) return false;
    const text = `${row.path} ${row.title} ${row.reason}`.toLowerCase();
    return typed.every((word) => text.includes(word));
  });
}

/** Whether anything narrows the list. */
export const isNarrowed = (words: UrlWords) => Boolean(words.text) || [...FACETS.map((facet) => facet.name), ...NARROWING].some((name) => words[name]);

/** The address's words without anything that narrows the list. */
export const WHOLE: UrlWords = Object.fromEntries(["text", ...FACETS.map((facet) => facet.name), ...NARROWING].map((name) => [name, ""]));
