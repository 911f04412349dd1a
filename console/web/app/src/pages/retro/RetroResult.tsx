import { Link } from "@tanstack/react-router";
import { Button, Progress } from "antd";
import { useMemo, useState } from "react";
import { useCancelRetro, useResumeRetro, useRetroHunt } from "../../api/retro";
import { useCan } from "../../api/session";
import { isRunning } from "../../api/shelves";
import type { RetroFound, RetroHunt } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Answered, ProblemView } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number, span } from "../../i18n/format";
import "../detections/detections.css";
import { DayBars } from "../detections/DayBars";
import { daysBetween } from "../detections/days";

type Hit = RetroFound["listed"][number];
type Rule = RetroFound["rules"][number];

interface Props {
  id: string;
  event: string | undefined;
  onEvent(event: string): void;
  onJob(job: string): void;
}

/** A retro-hunt: how far it is, which rules were met, and the events that met them. */
export function RetroResult({ id, event, onEvent, onJob }: Props) {
  const { t, word } = useWords();
  const what = useWhat();
  const answer = useRetroHunt(id);
  return (
    <Answered of={answer}>
      {(hunt) => (
        <section className="panel">
          <h2 className="row">
            <span className="grow clip" title={hunt.what}>{t("web.retro.result", { what: what(hunt) })}</span>
            <span className={`mark ${hunt.job.status === "failed" ? "bad" : isRunning(hunt.job) ? "accent" : "good"}`}>{word("web.job_status", hunt.job.status)}</span>
          </h2>
          <div className="padded stack">
            <Running hunt={hunt} onJob={onJob} />
            {hunt.error && <div className="problem">{[hunt.error.what, hunt.error.where, hunt.error.next].filter(Boolean).join(" · ")}</div>}
            {hunt.found && <Found of={hunt.found} event={event} onEvent={onEvent} />}
          </div>
        </section>
      )}
    </Answered>
  );
}

function Running({ hunt, onJob }: { hunt: RetroHunt; onJob(job: string): void }) {
  const { t, language } = useWords();
  const cancel = useCancelRetro();
  const resume = useResumeRetro();
  const can = useCan();
  const { job } = hunt;
  const goOn = async () => {
    const made = await resume.mutateAsync(job.id).catch(() => null);
    if (made) onJob(made.job.id);
  };
  return (
    <>
      {isRunning(job) && (
        <div className="row">
          <Progress percent={job.total > 0 ? Math.min(99, Math.round((job.done / job.total) * 100)) : 0} size="small" style={{ width: 260 }} />
          <span className="muted">{job.total > 0 ? t("web.retro.progress", { done: number(job.done, language), total: number(job.total, language) }) : t("web.retro.preparing")}</span>
          {can("act") && (
            <Button loading={cancel.isPending} onClick={() => cancel.mutate(job.id)}>
              {t("web.jobs.cancel")}
            </Button>
          )}
        </div>
      )}
      {(job.status === "cancelled" || job.status === "failed") && can("act") && (
        <div className="row">
          <Button loading={resume.isPending} onClick={() => void goOn()}>
            {t("web.retro.resume")}
          </Button>
          <span className="muted">{t("web.retro.resume_why")}</span>
        </div>
      )}
      {(cancel.error ?? resume.error) && <ProblemView error={cancel.error ?? resume.error} />}
    </>
  );
}

function Found({ of, event, onEvent }: { of: RetroFound; event: string | undefined; onEvent(event: string): void }) {
  const { t, say, language } = useWords();
  const [rule, setRule] = useState("");
  const bars = useMemo(() => daysBetween(of.days), [of.days]);
  const hits = rule ? of.listed.filter((hit) => hit.rule === rule) : of.listed;
  const titles = new Map(of.rules.map((one) => [one.rule, say(one.title)]));
  const rules: Column<Rule>[] = [
    { key: "rule", title: t("web.retro.rule"), cell: (one) => (UUID.test(one.rule) ? <Link to="/detections/rules/$id" params={{ id: one.rule }}>{say(one.title)}</Link> : say(one.title)) },
    { key: "hits", title: t("web.retro.hits"), width: 90, right: true, cell: (one) => number(one.hits, language) },
    { key: "first", title: t("web.retro.first"), width: 170, cell: (one) => <When at={one.first} /> },
    { key: "last", title: t("web.retro.last"), width: 170, cell: (one) => <When at={one.last} /> },
  ];
  const columns: Column<Hit>[] = [
    { key: "time", title: t("web.hunt.time"), width: 166, cell: (hit) => <When at={hit.time} fine /> },
    { key: "dataset", title: t("web.hunt.dataset"), width: 84, cell: (hit) => hit.dataset },
    ...(of.rules.length > 1 ? [{ key: "rule", title: t("web.retro.rule"), width: 260, cell: (hit: Hit) => <span className="clip" title={titles.get(hit.rule)}>{titles.get(hit.rule)}</span> }] : []),
    { key: "facts", title: t("web.backtest.matched"), cell: (hit) => <span className="mono" title={factsOf(hit).join("\n")}>{factsOf(hit).join(" · ")}</span> },
  ];
  return (
    <>
      <div className="counts" role="status">
        <Figure name={t("web.retro.hits")} value={number(of.hits, language)} />
        <Figure name={t("web.retro.rules_met")} value={t("web.retro.some_of", { some: number(of.rules.length, language), all: number(of.looked_for, language) })} />
        <Figure name={t("web.retro.looked_at")} value={number(of.events, language)} />
        <Figure name={t("web.backtest.took")} value={span(of.seconds, language)} />
      </div>
      {of.partial && <span className="mark warn">{t("web.retro.partial")}</span>}
      {of.idle_total > 0 && (
        <details>
          <summary className="muted">{t("web.retro.idle", { count: number(of.idle_total, language) })}</summary>
          <ul>
            {of.idle.map((one, index) => (
              <li key={`${one.rule} ${index}`}>
                {say(one.title)} <span className="muted">{one.why}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {bars.length > 1 && <DayBars bars={bars} label={t("web.retro.days")} />}
      {of.rules.length > 1 && <DenseTable label={t("web.retro.rules_met")} columns={rules} rows={of.rules} rowKey={(one) => one.rule} current={rule} onOpen={(one) => setRule(one.rule === rule ? "" : one.rule)} />}
      {hits.length > 0 && (
        <>
          <span className="muted">{t("web.retro.listed", { count: number(hits.length, language), total: number(of.hits, language) })}</span>
          <DenseTable label={t("web.retro.listed_label")} columns={columns} rows={hits} rowKey={keyOf} current={hits.map(keyOf).find((key) => key.startsWith(`${event} `))} onOpen={(hit) => onEvent(hit.event)} />
        </>
      )}
    </>
  );
}

/** What a hunt looks for, in words where it is all rules. */
export function useWhat(): (hunt: RetroHunt) => string {
  const { word } = useWords();
  return (hunt) => (hunt.rules.length === 1 && hunt.rules[0] === "all" ? word("web.retro.by", "all") : hunt.what);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const keyOf = (hit: Hit) => `${hit.event} ${hit.rule} ${hit.time}`;
const factsOf = (hit: Hit) => hit.facts.map((fact) => `${fact.name}: ${fact.value}`);

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <strong>{value}</strong>
      <span className="muted">{name}</span>
    </div>
  );
}
