import type { Rule } from "../../api/types";
import { number } from "../../i18n/format";
import type { Language } from "../../i18n";

/** `0.42 µs`: what a rule costs for an event that it looks at; "" where nothing was measured. */
export const costOf = (rule: Pick<Rule, "cost_us">, language: Language): string => {
  if (rule.cost_us === null) return "";
  if (rule.cost_us < 0.01) return `< ${number(0.01, language, 2)} µs`;
  return `${number(rule.cost_us, language, rule.cost_us < 10 ? 2 : 0)} µs`;
};

/** `12 %` of the time of all rules. */
export const shareOf = (rule: Pick<Rule, "cost_share">, language: Language): string => (rule.cost_share === null ? "" : `${number(rule.cost_share * 100, language, rule.cost_share < 0.01 ? 2 : 1)} %`);
