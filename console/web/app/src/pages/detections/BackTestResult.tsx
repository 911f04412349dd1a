import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { BackTest } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Value } from "../../components/Value";
import { When } from "../../components/When";
import { useWords, type Language } from "../../i18n";
import { number, span } from "../../i18n/format";
import { clause } from "../../state/lucene";
import { DayBars } from "./DayBars";
import { daysBetween } from "./days";
import { flatText } from "./eventText";
import { KeepSample } from "./KeepSample";
import { told } from "./told";

type Hit = BackTest["sample"][number];

/** A result only where there is one: a job that has just begun has none yet. */
export const asBackTest = (result: Record<string, unknown>): BackTest | null => (typeof result.hits === "number" && Array.isArray(result.days) ? (result as unknown as BackTest) : null);

/** What the rule would have raised: how much, how much a day, who, and the events themselves; `rule` may keep these as samples. */
export function BackTestResult({ of, short = false, rule = "" }: { of: BackTest; short?: boolean; rule?: string }) {
  const { t, word, language } = useWords();
  const bars = useMemo(() => daysBetween(of.days), [of.days]);
  return (
    <div className="stack">
      <div className="counts" role="status">
        <Figure name={t("web.backtest.hits")} value={number(of.hits, language)} />
        <Figure name={t("web.backtest.keys")} value={number(of.keys, language)} hint={t("web.backtest.keys_why")} />
        <Figure name={t("web.backtest.per_day")} value={rateOf(of.per_day, language)} />
        <Figure name={t("web.backtest.events")} value={number(of.events, language)} />
        <Figure name={t("web.backtest.cost")} value={`${number(of.cost_us, language, 2)} µs`} />
        <Figure name={t("web.backtest.took")} value={span(of.seconds, language)} />
      </div>
      <div className="row wrap">
        {of.since && of.until && (
          <span className="muted">
            <When at={of.since} /> → <When at={of.until} />
          </span>
        )}
        {of.partial && <span className="mark warn">{t("web.backtest.partial", { why: word("web.backtest.why", of.why_partial) })}</span>}
        {of.health !== "live" && <span className="mark warn">{`${word("web.rule_health", of.health)} ${told(of.why, of.why_zh, language)}`}</span>}
      </div>
      {of.hits === 0 && <p className="muted" style={{ margin: 0 }}>{t("web.backtest.silent")}</p>}
      {bars.length > 1 && !short && <DayBars bars={bars} label={t("web.rule_hits.title")} />}
      {of.entities.length > 0 && (
        <div className="row wrap" style={{ gap: 12 }}>
          <span className="muted">{t("web.backtest.entities")}</span>
          {of.entities.map((entity) => (
            <span key={entity.key}>
              <Value value={entity.key} kind="host" /> <span className="muted">{number(entity.count, language)}</span>
            </span>
          ))}
        </div>
      )}
      {of.sample.length > 0 && <Hits hits={of.sample} total={of.hits} short={short} rule={rule} />}
    </div>
  );
}

/** A rate that is there is never shown as nothing. */
export const rateOf = (rate: number, language: Language): string => (rate > 0 && rate < 0.01 ? `< ${number(0.01, language, 2)}` : number(rate, language, rate < 10 ? 2 : 0));

function Figure({ name, value, hint }: { name: string; value: string; hint?: string }) {
  return (
    <div title={hint}>
      <strong>{value}</strong>
      <span className="muted">{name}</span>
    </div>
  );
}

const idOf = (hit: Hit) => String(hit.event["event.id"] ?? "");

function Hits({ hits, total, short, rule }: { hits: readonly Hit[]; total: number; short: boolean; rule: string }) {
  const { t, language } = useWords();
  const [open, setOpen] = useState("");
  const keyed = hits.map((hit, index) => ({ hit, key: `${idOf(hit)} ${index}` }));
  const shown = keyed.find((row) => row.key === open);
  const columns: Column<(typeof keyed)[number]>[] = [
    { key: "time", title: t("web.history.at"), width: 166, cell: ({ hit }) => <When at={hit.time} /> },
    ...(short ? [] : [{ key: "dataset", title: t("web.hunt.dataset"), width: 90, cell: ({ hit }: { hit: Hit }) => hit.dataset }]),
    { key: "facts", title: t("web.backtest.matched"), cell: ({ hit }) => <span className="mono" title={hit.facts.map((fact) => `${fact.name}: ${fact.value}`).join("\n")}>{hit.facts.map((fact) => `${fact.name}: ${fact.value}`).join(" · ")}</span> },
    {
      key: "hunt",
      title: "",
      width: 64,
      cell: ({ hit }) =>
        idOf(hit) ? (
          <Link to="/hunt" search={{ q: clause("event.id", idOf(hit)), range: "all" } as never}>
            {t("web.backtest.open")}
          </Link>
        ) : null,
    },
  ];
  return (
    <section className="panel">
      <h2>{t("web.backtest.sample", { count: hits.length, total: number(total, language) })}</h2>
      <DenseTable label={t("web.backtest.sample_label")} columns={columns} rows={keyed} rowKey={(row) => row.key} current={open} onOpen={(row) => setOpen(row.key === open ? "" : row.key)} />
      {shown && rule && <KeepSample rule={rule} event={shown.hit.event} />}
      {shown && <pre className="sample-event padded">{flatText(shown.hit.event)}</pre>}
    </section>
  );
}
