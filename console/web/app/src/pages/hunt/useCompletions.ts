import { useDeferredValue } from "react";
import { useFields, useTerms, type Search } from "../../api/events";
import type { Spot } from "../../state/lucene";

export interface Completion {
  text: string;
  note: string;
}

const AT_MOST = 14;

/** Fields that begin with, then contain, what is typed; or the commonest values of the field. */
export function useCompletions(spot: Spot | null, range: Omit<Search, "q">): Completion[] {
  const fields = useFields();
  const known = fields.data?.items ?? [];
  const field = useDeferredValue(spot && known.some(({ name }) => name === spot.field) ? spot.field : "");
  const terms = useTerms({ q: field ? `${field}:*` : "", ...range }, field, 50, field !== "");
  if (!spot) return [];
  const word = spot.word.replace(/^"/, "").toLowerCase();
  if (spot.field) {
    return (terms.data?.buckets ?? [])
      .filter(({ key }) => key.toLowerCase().includes(word))
      .slice(0, AT_MOST)
      .map(({ key, count }) => ({ text: key, note: String(count) }));
  }
  if (!word) return [];
  const containing = known.filter(({ name }) => name.toLowerCase().includes(word) && name.toLowerCase() !== word);
  const beginning = containing.filter(({ name }) => name.toLowerCase().startsWith(word));
  return [...new Set([...beginning, ...containing])].slice(0, AT_MOST).map(({ name, type, description }) => ({ text: name, note: `${type} ${description}` }));
}
