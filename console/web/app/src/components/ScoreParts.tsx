import { useState } from "react";
import type { ScorePart } from "../api/types";
import { useWords, type Language } from "../i18n";
import { number } from "../i18n/format";

interface Props {
  parts: readonly ScorePart[];
  score: number;
  /** How many parts are shown before the rest is one line. */
  most?: number;
  /** Opens the alerts of a rule. */
  onRule?(rule: string): void;
}

const signed = (points: number, language: Language) => `${points < 0 ? "−" : "+"}${number(Math.abs(points), language, 1)}`;

/** A score as the sum that it is: a bar and a sentence for each part; what is taken off stands by itself. */
export function ScoreParts({ parts, score, most = Infinity, onRule }: Props) {
  const { t, language } = useWords();
  const [whole, setWhole] = useState(false);
  const given = parts.filter((part) => part.points >= 0);
  const taken = parts.filter((part) => part.points < 0);
  const hidden = whole || given.length <= most + 1 ? [] : given.slice(most);
  const shown = hidden.length > 0 ? given.slice(0, most) : given;
  const largest = Math.max(1, ...parts.map((part) => part.points));
  const row = (part: ScorePart, index: number) => <PartRow key={`${part.name}${index}`} part={part} largest={largest} onRule={onRule} />;
  return (
    <div className="stack tight">
      {shown.map(row)}
      {hidden.length > 0 && (
        <button type="button" className="plain" style={{ display: "flex", color: "var(--accent)", width: "100%", textAlign: "left" }} onClick={() => setWhole(true)}>
          <span className="grow">{t("web.incident.other_parts", { count: hidden.length })}</span>
          <span className="score">{signed(hidden.reduce((sum, part) => sum + part.points, 0), language)}</span>
        </button>
      )}
      {taken.map(row)}
      <div className="row" style={{ borderTop: "1px solid var(--line)", paddingTop: 4 }}>
        <span className="grow">{t("web.incident.sum")}</span>
        <span className="score">{number(score, language, 1)}</span>
      </div>
    </div>
  );
}

function PartRow({ part, largest, onRule }: { part: ScorePart; largest: number; onRule: Props["onRule"] }) {
  const { t, say, word, language } = useWords();
  const told = word("web.part", part.name);
  return (
    <div className="stack" style={{ gap: 1 }}>
      <div className="row">
        <span className="grow clip" title={say(part.why)}>
          {told !== part.name ? told : say(part.title) || part.rule || part.name}
        </span>
        {onRule && part.rule && part.alerts > 0 && (
          <button type="button" className="plain" style={{ color: "var(--accent)", fontSize: 12 }} onClick={() => onRule(part.rule)}>
            {t("web.incident.part_alerts", { count: number(part.alerts, language) })}
          </button>
        )}
        <span className="score right" style={{ minWidth: 44 }}>
          {signed(part.points, language)}
        </span>
      </div>
      <div className="meter" aria-hidden>
        <i style={{ width: `${Math.min(1, Math.abs(part.points) / largest) * 100}%`, opacity: part.points < 0 ? 0.4 : 1 }} />
      </div>
      <div className="muted" style={{ fontSize: 12 }}>
        {say(part.why)}
      </div>
    </div>
  );
}
