import { Link } from "@tanstack/react-router";
import { Segmented } from "antd";
import { useMemo } from "react";
import { useAlertsOf } from "../../api/incidents";
import { useRuleHits } from "../../api/rules";
import type { HitDay, RulePage } from "../../api/types";
import { AlertItem } from "../../components/AlertItem";
import { Answered, Empty } from "../../components/states";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { useUrl } from "../../state/url";
import { DayBars } from "./DayBars";
import { daysUpTo } from "./days";

const SPANS = [30, 90, 365] as const;
const SHOWN = 50;
const DAY = 86_400_000;

/** How often the rule spoke, day by day; a click on a day opens its alerts below. */
export function HitsOverTime({ rule }: { rule: RulePage }) {
  const { t, language } = useWords();
  const [url, change] = useUrl();
  const span = SPANS.find((days) => String(days) === url.days) ?? 30;
  const answer = useRuleHits(rule.id, span);
  return (
    <>
      <section className="panel">
        <h2 className="row">
          <span className="grow">{t("web.rule_hits.title")}</span>
          <Segmented value={String(span)} onChange={(days) => change({ days: days === "30" ? "" : days, day: "" })} options={SPANS.map((days) => ({ value: String(days), label: t("web.rule_hits.days", { days }) }))} />
        </h2>
        <Answered of={answer}>{({ items }) => <Days items={items} span={span} day={url.day} onDay={(day) => change({ day: day === url.day ? "" : day })} />}</Answered>
      </section>
      <p className="muted" style={{ margin: 0 }}>
        {t("web.rule_hits.all", { count: number(rule.hits, language) })}{" "}
        <Link to="/queue" search={{ text: rule.id, tab: "all" } as never}>
          {t("web.menu.queue")}
        </Link>
      </p>
      <RuleAlerts key={url.day ?? ""} rule={rule.id} day={url.day} />
    </>
  );
}

function Days({ items, span, day, onDay }: { items: readonly HitDay[]; span: number; day: string | undefined; onDay(day: string): void }) {
  const { t } = useWords();
  const bars = useMemo(() => daysUpTo(items.map((one) => ({ day: one.day, count: one.hits })), span), [items, span]);
  if (items.every((one) => one.hits === 0)) return <Empty title={t("web.rule_hits.none")} next={t("web.rule_hits.none_next")} />;
  return <DayBars bars={bars} label={t("web.rule_hits.title")} chosen={day} onDay={onDay} />;
}

function RuleAlerts({ rule, day }: { rule: string; day: string | undefined }) {
  const { t } = useWords();
  const since = day ? `${day}T00:00:00Z` : "";
  const until = day ? new Date(Date.parse(since) + DAY).toISOString() : "";
  const answer = useAlertsOf({ rule, since, until, limit: SHOWN });
  return (
    <Answered of={answer}>
      {({ items }) => (
        <section className="stack">
          <div className="row">
            <h2 className="grow">{day ? t("web.rule_hits.of_day", { day, count: items.length }) : t("web.rule_hits.newest", { count: items.length })}</h2>
            {items.length === SHOWN && <span className="mark warn">{t("web.rule_hits.first", { count: SHOWN })}</span>}
          </div>
          {day && items.length === 0 && <p className="muted">{t("web.rule_hits.day_none")}</p>}
          {items.map((alert) => (
            <AlertItem key={alert.id} alert={alert} />
          ))}
        </section>
      )}
    </Answered>
  );
}
