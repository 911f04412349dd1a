import type { Rule, RulePage } from "../../api/types";
import type { Key } from "../../i18n";

export interface NextStep {
  tone: "good" | "warn" | "bad" | "accent" | "";
  key: Key;
  /** What the button beside it does; none where there is nothing to do. */
  deed: "merge" | "unpark" | "samples" | "backtest" | "source" | "promote" | "";
}

/** The values that the sentences of the next step name. */
export const wordsOf = (rule: Rule) => ({ why: rule.parked?.reason ?? "", missing: rule.missing.join(", ") || rule.logsource, logsource: rule.logsource });

/** The one thing to tell about a rule's health, most urgent first, with what to do about it. */
export function nextStep(rule: Rule & Partial<Pick<RulePage, "samples">>): NextStep {
  const failing = rule.samples?.some((sample) => !sample.ok) ?? false;
  if (rule.upstream_changed) return { tone: "warn", key: "web.rule.next.upstream", deed: "merge" };
  if (rule.parked) return { tone: "bad", key: rule.parked.engine ? "web.rule.next.parked_engine" : "web.rule.next.parked", deed: "unpark" };
  if (failing) return { tone: "bad", key: "web.rule.next.samples", deed: "samples" };
  if (rule.state === "retired") return { tone: "", key: "web.rule.next.retired", deed: "" };
  if (rule.health === "inert") return { tone: "warn", key: "web.rule.next.inert", deed: "source" };
  if (rule.health === "partial") return { tone: "warn", key: "web.rule.next.partial", deed: "source" };
  if (rule.state === "draft") return { tone: "accent", key: "web.rule.next.draft", deed: "backtest" };
  if (rule.state === "experimental" && rule.editable) return { tone: "accent", key: "web.rule.next.experimental", deed: "promote" };
  return { tone: "good", key: "web.rule.next.live", deed: "" };
}
