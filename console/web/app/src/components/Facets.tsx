import type { ReactNode } from "react";
import type { Bucket } from "../api/types";
import { useWords } from "../i18n";
import { number } from "../i18n/format";

interface Props {
  title: string;
  buckets: readonly Bucket[];
  chosen: readonly string[];
  onChoose(keys: string[]): void;
  label(key: string): ReactNode;
}

/** One group of counts beside a list; several may be chosen. */
export function Facet({ title, buckets, chosen, onChoose, label }: Props) {
  const { language } = useWords();
  if (buckets.length === 0) return null;
  const toggle = (key: string) => onChoose(chosen.includes(key) ? chosen.filter((word) => word !== key) : [...chosen, key]);
  return (
    <section className="facet" aria-label={title}>
      <h3>{title}</h3>
      {buckets.map((bucket) => (
        <button key={bucket.key} type="button" aria-pressed={chosen.includes(bucket.key)} onClick={() => toggle(bucket.key)}>
          <span className="clip row" style={{ gap: 6 }}>
            {label(bucket.key)}
          </span>
          <span className="count">{number(bucket.count, language)}</span>
        </button>
      ))}
    </section>
  );
}
