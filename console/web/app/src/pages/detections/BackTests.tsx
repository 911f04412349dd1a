import { useQueryClient } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import { useEffect, useState } from "react";
import { useJob, useStartBackTest } from "../../api/rules";
import { isRunning, useCancelJob } from "../../api/shelves";
import { useCan } from "../../api/session";
import type { Job, RulePage } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Answered, Empty, ProblemView } from "../../components/states";
import { TimePicker } from "../../components/TimePicker";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { useRange } from "../../state/range";
import { useUrl } from "../../state/url";
import { asBackTest, BackTestResult, rateOf } from "./BackTestResult";

/** What the rule would have raised over stored events, before it goes live. */
export function BackTests({ rule }: { rule: RulePage }) {
  const { t } = useWords();
  const [url, change] = useUrl();
  const [asked, setAsked] = useState(0);
  const range = useRange(url, asked);
  const start = useStartBackTest();
  const can = useCan();
  const shown = url.job ?? rule.back_tests[0]?.id ?? "";
  const run = async () => {
    setAsked(asked + 1);
    const job = await start.mutateAsync({ rule: rule.id, since: range.since ?? "", until: range.until ?? "" }).catch(() => null);
    if (job) change({ job: job.id }, true);
  };
  return (
    <>
      <section className="panel">
        <h2>{t("web.backtest.title")}</h2>
        <div className="padded stack">
          <div className="row wrap">
            <span className="muted">{t("web.backtest.over")}</span>
            <TimePicker range={range} onChange={change} />
            {can("act") ? (
              <Button type="primary" loading={start.isPending} disabled={!range.ready} onClick={() => void run()}>
                {t("web.backtest.run")}
              </Button>
            ) : (
              <span className="muted">{t("web.backtest.forbidden")}</span>
            )}
            <span className="muted">{t("web.backtest.safe")}</span>
          </div>
          {start.error && <ProblemView error={start.error} />}
        </div>
      </section>
      {shown ? <OneTest key={shown} id={shown} rule={rule.id} /> : <Empty title={t("web.backtest.none")} next={t("web.backtest.none_next")} />}
      {rule.back_tests.length > 0 && <Earlier jobs={rule.back_tests} current={shown} onOpen={(job) => change({ job })} />}
    </>
  );
}

function OneTest({ id, rule }: { id: string; rule: string }) {
  const { t, word, say, language } = useWords();
  const answer = useJob(id);
  const cancel = useCancelJob();
  const can = useCan();
  const client = useQueryClient();
  const status = answer.data?.status;
  useEffect(() => {
    // The list of earlier ones beneath is part of the rule's page.
    if (status === "done" || status === "cancelled") void client.invalidateQueries({ queryKey: ["rules", "one"] });
  }, [client, status]);
  return (
    <Answered of={answer}>
      {(job) => {
        const result = asBackTest(job.result);
        return (
          <section className="panel">
            <h2 className="row">
              <span className="grow">{t("web.backtest.result")}</span>
              <span className="mark">{word("web.job_status", job.status)}</span>
            </h2>
            <div className="padded stack">
              {isRunning(job) && (
                <div className="row">
                  <Progress percent={job.total > 0 ? Math.min(99, Math.round((job.done / job.total) * 100)) : 0} size="small" style={{ width: 260 }} />
                  <span className="muted">{job.total > 0 ? t("web.backtest.progress", { done: number(job.done, language), total: number(job.total, language) }) : t("web.backtest.preparing")}</span>
                  {can("act") && (
                    <Button loading={cancel.isPending} onClick={() => cancel.mutate(job.id)}>
                      {t("web.jobs.cancel")}
                    </Button>
                  )}
                </div>
              )}
              {cancel.error && <ProblemView error={cancel.error} />}
              {job.status === "failed" && <div className="problem">{say(job.message)}</div>}
              {result && <BackTestResult of={result} rule={rule} />}
            </div>
          </section>
        );
      }}
    </Answered>
  );
}

function Earlier({ jobs, current, onOpen }: { jobs: readonly Job[]; current: string; onOpen(job: string): void }) {
  const { t, word, language } = useWords();
  const figure = (job: Job, name: "hits" | "events" | "per_day") => {
    const result = asBackTest(job.result);
    if (!result) return "—";
    return name === "per_day" ? rateOf(result.per_day, language) : number(result[name], language);
  };
  const columns: Column<Job>[] = [
    { key: "created", title: t("web.jobs.created"), width: 130, cell: (job) => <When at={job.created} /> },
    { key: "by", title: t("web.history.by"), width: 130, cell: (job) => job.by },
    { key: "status", title: t("web.queue.status"), width: 110, cell: (job) => word("web.job_status", job.status) },
    { key: "hits", title: t("web.backtest.hits"), width: 110, right: true, cell: (job) => figure(job, "hits") },
    { key: "rate", title: t("web.backtest.per_day"), width: 110, right: true, cell: (job) => figure(job, "per_day") },
    { key: "events", title: t("web.backtest.events"), width: 130, right: true, cell: (job) => figure(job, "events") },
    { key: "rest", title: "", cell: () => null },
  ];
  return (
    <section className="panel">
      <h2>{t("web.backtest.earlier")}</h2>
      <DenseTable label={t("web.backtest.earlier")} columns={columns} rows={jobs} rowKey={(job) => job.id} current={current} onOpen={(job) => onOpen(job.id)} />
    </section>
  );
}
