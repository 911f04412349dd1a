import type { Gauge } from "../../api/types";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { isLowerBound, LEVEL_SHAPE, levelOf } from "./gauge";

const PARTS_SHOWN = 4;

/** One gauge: what it reads, why, and the parts that it is the sum of; opens into them. */
export function GaugeCard({ gauge, current, onOpen }: { gauge: Gauge; current: boolean; onOpen(part?: string): void }) {
  const { t, word, say, language } = useWords();
  const level = levelOf(gauge);
  const name = word("web.gauge", gauge.gauge);
  return (
    <section className={`panel gauge ${level}`} aria-label={name} data-current={current || undefined}>
      <button type="button" className="plain head" onClick={() => onOpen()} aria-expanded={current}>
        <span className="row">
          <h2>{name}</h2>
          <span className="muted sense">{word("web.gauge_sense", gauge.gauge)}</span>
        </span>
        <span className="reading">
          <strong className="numeral">{gauge.value === null ? word("web.level", level) : number(gauge.value, language)}</strong>
          {gauge.value !== null && (
            <span className={`mark level ${level}`}>
              <span aria-hidden>{LEVEL_SHAPE[level]}</span>
              {word("web.level", level)}
            </span>
          )}
          {isLowerBound(gauge) && <span className="mark bad">{t("web.situation.at_least", { value: number(gauge.seen, language) })}</span>}
        </span>
      </button>
      <p className="muted why">
        {gauge.unknown ? say(gauge.unknown) : <Week gauge={gauge} />}
        {gauge.level_held && <span>{` · ${t("web.situation.level_held")}`}</span>}
      </p>
      {gauge.parts.length === 0 ? (
        <p className="muted">{t("web.situation.no_parts")}</p>
      ) : (
        <ul className="parts">
          {gauge.parts.slice(0, PARTS_SHOWN).map((part) => (
            <li key={part.name}>
              <button type="button" className="plain" onClick={() => onOpen(part.name)} title={say(part.why)}>
                <span className="clip">{word("web.gauge_part", part.name)}</span>
                <span className="meter" aria-hidden>
                  <i style={{ width: `${part.most > 0 ? (part.points / part.most) * 100 : 0}%` }} />
                </span>
                <span className="score right">{number(part.points, language, 1)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Week({ gauge }: { gauge: Gauge }) {
  const { t, language } = useWords();
  if (gauge.value === null) return null;
  const since = gauge.week_ago === null ? t("web.situation.week_none") : null;
  if (since) return <span>{since}</span>;
  const change = gauge.value - (gauge.week_ago ?? 0);
  const value = number(Math.abs(change), language, 1);
  const told = Math.abs(change) < 0.5 ? t("web.situation.week_same") : t(change > 0 ? "web.situation.week_more" : "web.situation.week_less", { value });
  return (
    <span title={gauge.level_since ? undefined : told}>
      {told} · <When at={gauge.level_since} coarse />
    </span>
  );
}
