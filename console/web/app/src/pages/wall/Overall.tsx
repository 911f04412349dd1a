import { useWarnings } from "../../api/situation";
import type { Situation } from "../../api/types";
import { gravestFirst } from "../../components/colours";
import { Flag } from "../../components/Flag";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { SEVERITIES, SEVERITY_LETTER } from "../../theme/severity";
import { isLowerBound, LEVEL_SHAPE, levelOf } from "../situation/gauge";
import { scopeName } from "../situation/ScopeTable";
import { BigGauge, Block, Figure, gaugeOf, More, Nothing } from "./pieces";

const UNITS = 6;
const FLAGS = 4;

/** 总体: the four gauges, what is open, the units, the warnings. */
export function Overall({ situation, run }: { situation: Situation; run: string }) {
  const words = useWords();
  const { t, word, language } = words;
  const { counts } = situation;
  const open = Object.values(counts.incidents).reduce((sum, count) => sum + count, 0);
  const units = situation.scopes
    .filter((row) => row.kind === "unit")
    .flatMap((row) => {
      const gauge = gaugeOf(row.gauges, "threat");
      return gauge ? [{ row, gauge }] : [];
    })
    .sort((a, b) => b.gauge.seen - a.gauge.seen);
  return (
    <div className="wall-grid overall">
      <div className="gauge-row">
        {situation.gauges.map((gauge) => (
          <BigGauge key={gauge.gauge} gauge={gauge} />
        ))}
      </div>
      <div className="figures">
        <Figure value={open} label={t("web.wall.open_incidents")} />
        <div className="sev-figures" data-block>
          {SEVERITIES.map((severity) => (
            <div key={severity} className={`sev-figure ${severity}`}>
              <b>{SEVERITY_LETTER[severity]}</b>
              <strong>{number(counts.incidents[severity] ?? 0, language)}</strong>
              <span>{word("web.severity", severity)}</span>
            </div>
          ))}
        </div>
        <Figure value={counts.untaken} label={t("web.wall.untaken")} tone={counts.untaken > 0 ? "warn" : ""} />
        <Figure value={counts.alerts} label={t("web.wall.alerts_week")} />
      </div>
      <Block title={t("web.wall.units_worst")} className="units">
        {units.length === 0 ? (
          <Nothing title={t("web.situation.no_units")} next={t("web.situation.no_units_next")} />
        ) : (
          <ul className="rows">
            {units.slice(0, UNITS).map(({ row, gauge }) => (
              <li key={row.id} className={`level ${levelOf(gauge)}`}>
                <span className="clip">{scopeName(row, words)}</span>
                <span className="bar100" aria-hidden>
                  <i className={gauge.value === null ? "bound" : ""} style={{ width: `${gauge.seen}%` }} />
                </span>
                <b>
                  {LEVEL_SHAPE[levelOf(gauge)]} {gauge.value !== null ? number(gauge.value, language) : isLowerBound(gauge) ? `≥ ${number(gauge.seen, language)}` : word("web.level", "unknown")}
                </b>
              </li>
            ))}
          </ul>
        )}
        <More all={units.length} shown={UNITS} />
      </Block>
      <WarningsBlock run={run} most={FLAGS} />
    </div>
  );
}

/** Warnings that wait or are in force. */
export function WarningsBlock({ run, most }: { run: string; most: number }) {
  const { t, word, say } = useWords();
  const answer = useWarnings(run);
  const open = (answer.data?.items ?? []).filter((each) => each.status === "proposed" || each.status === "confirmed");
  const now = gravestFirst(open);
  return (
    <Block title={t("web.wall.warnings_now")} className="warnings-block">
      {answer.error !== null && <Nothing title={t("web.wall.failed")} />}
      {answer.data && now.length === 0 && <Nothing title={t("web.wall.no_warnings")} />}
      <ul className="rows flags">
        {now.slice(0, most).map((each) => (
          <li key={each.id}>
            <Flag colour={each.colour} />
            <span className="two-lines">{say(each.title)}</span>
            <b>
              {word("web.warning_status", each.status)}
              {each.escalated && ` ▲ ${t("web.warning.escalated")}`}
            </b>
          </li>
        ))}
      </ul>
      <More all={now.length} shown={most} />
    </Block>
  );
}
