import { Button, Progress } from "antd";
import { isRunning, useCancelJob, useJobs } from "../../api/shelves";
import { useCan } from "../../api/session";
import { DenseTable } from "../../components/DenseTable";
import { Answered, Empty, ProblemView } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";

/** Long work: who asked, how far it is, how it ended. */
export function JobsPart() {
  const { t, say, word } = useWords();
  const answer = useJobs();
  const cancel = useCancelJob();
  const can = useCan();
  return (
    <>
      {cancel.error && <ProblemView error={cancel.error} />}
      <Answered of={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("web.jobs.none")} next={t("web.jobs.none_next")} />
          ) : (
            <section className="panel">
              <DenseTable
                label={t("web.place.jobs")}
                rows={items}
                rowKey={(job) => job.id}
                columns={[
                  { key: "created", title: t("web.jobs.created"), width: 130, cell: (job) => <When at={job.created} /> },
                  { key: "kind", title: t("web.jobs.kind"), width: 130, cell: (job) => word("web.job_kind", job.kind) },
                  { key: "by", title: t("web.history.by"), width: 110, cell: (job) => job.by },
                  { key: "status", title: t("web.queue.status"), width: 100, cell: (job) => <span className={`mark ${job.status === "failed" ? "bad" : isRunning(job) ? "accent" : "good"}`}>{word("web.job_status", job.status)}</span> },
                  { key: "progress", title: t("web.jobs.progress"), width: 190, cell: (job) => (isRunning(job) && job.total > 0 ? <Progress size="small" percent={Math.round((job.done / job.total) * 100)} /> : null) },
                  { key: "message", title: t("web.jobs.message"), cell: (job) => <span title={say(job.message)}>{say(job.message)}</span> },
                  { key: "acts", title: "", width: 90, cell: (job) => (isRunning(job) && (can("act") || can("administer")) ? <Button onClick={() => cancel.mutate(job.id)}>{t("web.jobs.cancel")}</Button> : null) },
                ]}
              />
            </section>
          )
        }
      </Answered>
    </>
  );
}
