import { useCompliance } from "../../api/shelves";
import type { Situation } from "../../api/types";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { BigGauge, Block, Figure, gaugeOf, More, Nothing } from "./pieces";

const ITEMS = 8;
const VERDICTS = ["does_not", "partly", "insufficient_evidence", "conforms"] as const;
const TONE: Record<(typeof VERDICTS)[number], string> = { does_not: "bad", partly: "warn", insufficient_evidence: "", conforms: "good" };

/** 脆弱性: what could be attacked, and what the checks of 等保 found. */
export function Weaknesses({ situation }: { situation: Situation }) {
  const { t, word, say, language } = useWords();
  const compliance = useCompliance();
  const gauge = gaugeOf(situation.gauges, "exposure");
  const items = (gauge?.parts ?? []).flatMap((part) => part.items.map((item) => ({ part: part.name, item }))).sort((a, b) => b.item.points - a.item.points);
  const counts = compliance.data?.counts;
  const checked = counts ? VERDICTS.reduce((sum, name) => sum + (counts[name] ?? 0), 0) : 0;
  return (
    <div className="wall-grid weaknesses">
      {gauge && <BigGauge gauge={gauge} />}
      <Block title={t("web.wall.made_of")}>
        {!gauge || gauge.parts.length === 0 ? (
          <Nothing title={t("web.wall.no_weakness")} />
        ) : (
          <ul className="rows">
            {gauge.parts.map((part) => (
              <li key={part.name}>
                <span className="clip">{word("web.gauge_part", part.name)}</span>
                <span className="bar100" aria-hidden>
                  <i style={{ width: `${part.points}%` }} />
                </span>
                <b>{number(part.points, language, 1)}</b>
              </li>
            ))}
          </ul>
        )}
      </Block>
      <Block title={t("web.wall.compliance")}>
        {compliance.error !== null && <Nothing title={t("web.wall.failed")} />}
        {counts && checked === 0 && <Nothing title={t("web.wall.no_checks")} />}
        {counts && checked > 0 && (
          <div className="figures inner">
            {VERDICTS.map((name) => (
              <Figure key={name} value={counts[name] ?? 0} label={word("web.conformity", name)} tone={TONE[name]} />
            ))}
          </div>
        )}
      </Block>
      <Block title={t("web.wall.gravest")} className="wide">
        {items.length === 0 ? (
          <Nothing title={t("web.wall.no_weakness")} />
        ) : (
          <ul className="rows gravest">
            {items.slice(0, ITEMS).map(({ part, item }) => (
              <li key={part + item.id}>
                <b>{number(item.points, language, 1)}</b>
                <span className="clip">{say(item.title)}</span>
                <span className="clip muted">{item.detail ? say(item.detail) : ""}</span>
                <small>{word("web.gauge_part", part)}</small>
              </li>
            ))}
          </ul>
        )}
        <More all={items.length} shown={ITEMS} />
      </Block>
    </div>
  );
}
