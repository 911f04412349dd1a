import { useCases } from "../../api/incidents";
import type { Situation } from "../../api/types";
import { StageStrip } from "../../components/StageStrip";
import { SeverityMark } from "../../components/Severity";
import { useWords } from "../../i18n";
import { number, secondsBetween, span } from "../../i18n/format";
import { BigGauge, Block, Figure, gaugeOf, More, Nothing } from "./pieces";

const ROWS = 7;

/** 事件: what is open, who has it, how long it waits. */
export function IncidentsView({ situation }: { situation: Situation; run: string }) {
  const { t, say, language } = useWords();
  const live = situation.run_kind !== "drill";
  const time = situation.run_kind === "replay" ? { since: situation.since, until: situation.at } : {};
  const answer = useCases({ status: "new,open,waiting", run: live ? "live" : situation.run, sort: "-score", limit: ROWS, ...time });
  const gauge = gaugeOf(situation.gauges, "response");
  const open = Object.values(situation.counts.incidents).reduce((sum, count) => sum + count, 0);
  const rows = answer.data?.items ?? [];
  return (
    <div className="wall-grid incidents">
      {gauge && <BigGauge gauge={gauge} />}
      <div className="figures">
        <Figure value={open} label={t("web.wall.open_incidents")} />
        <Figure value={situation.counts.untaken} label={t("web.wall.untaken")} tone={situation.counts.untaken > 0 ? "warn" : ""} />
      </div>
      <Block title={t("web.wall.open_incidents")} className="wide">
        {answer.error !== null && <Nothing title={t("web.wall.failed")} />}
        {answer.data && rows.length === 0 && <Nothing title={t("web.wall.no_incidents")} />}
        <ul className="rows cases">
          {rows.map((row) => (
            <li key={row.id}>
              <SeverityMark of={row.severity} />
              <b>{number(row.score, language)}</b>
              <span className="two-lines three-lines">{say(row.title)}</span>
              <StageStrip tactics={row.tactics} />
              <span className={row.owner ? "clip" : "clip waits"}>{row.owner || t("web.wall.waits")}</span>
              <small>
                {t("web.wall.last_act")} {span(Math.max(0, secondsBetween(row.last, situation.at)), language)}
              </small>
            </li>
          ))}
        </ul>
        <More all={answer.data?.total ?? 0} shown={rows.length} />
      </Block>
    </div>
  );
}
