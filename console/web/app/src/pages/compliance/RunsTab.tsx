import { Button, Progress } from "antd";
import { isRunning, useCancelJob, useJobs } from "../../api/shelves";
import { useCan } from "../../api/session";
import type { FiledSystem, SystemRun } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Empty } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { VERDICT_SHAPE, VERDICTS } from "./verdicts";

/** The run that goes on now, and those before: counts, what turned, what could not be read. */
export function RunsTab({ system }: { system: FiledSystem }) {
  const { t, word } = useWords();
  const columns: Column<SystemRun>[] = [
    { key: "started", title: t("web.systems.started"), width: 150, cell: (run) => <When at={run.started} /> },
    { key: "kind", title: t("web.systems.run_kind"), width: 110, cell: (run) => word("web.run_kind", run.kind) },
    { key: "by", title: t("web.history.by"), width: 110, cell: (run) => run.by },
    {
      key: "counts",
      title: t("web.systems.counts"),
      width: 320,
      cell: (run) => (
        <span className="row" style={{ gap: 10 }}>
          {VERDICTS.map((verdict) => (
            <span key={verdict} className={`count ${verdict}`} title={word("web.conformity", verdict)}>
              <span aria-hidden>{VERDICT_SHAPE[verdict]}</span>
              {run.counts[verdict] ?? 0}
            </span>
          ))}
        </span>
      ),
    },
    { key: "evidence", title: t("web.systems.files"), width: 80, right: true, cell: (run) => run.evidence },
    { key: "drift", title: t("web.systems.turned"), width: 90, right: true, cell: (run) => <span title={run.drift.map((turned) => `${turned.unit} ${turned.asset}`).join("\n")} style={{ color: run.drift.some((turned) => turned.worse) ? "var(--bad)" : undefined }}>{run.drift.length}</span> },
    { key: "problems", title: t("web.systems.not_whole"), cell: (run) => <span title={run.problems.join("\n")}>{run.problems.join("；") || "—"}</span> },
  ];
  return (
    <div className="page scroll">
      <Going system={system.id} />
      {system.runs.length === 0 ? <Empty title={t("web.systems.never_run")} next={t("web.systems.never_run_next")} /> : <section className="panel"><DenseTable label={t("web.system_tab.runs")} columns={columns} rows={system.runs} rowKey={(run) => run.id} minWidth={980} /></section>}
    </div>
  );
}

function Going({ system }: { system: string }) {
  const { t, word } = useWords();
  const can = useCan();
  const cancel = useCancelJob();
  const jobs = useJobs();
  const mine = jobs.data?.items.filter((job) => job.kind === "assess" && isRunning(job) && job.result.system === system) ?? [];
  return (
    <>
      {mine.map((job) => (
        <div key={job.id} className="notice" role="status">
          <span className="mark accent">{word("web.job_status", job.status)}</span>
          <span className="clip">{word("web.run_step", job.message)}</span>
          {job.total > 0 && <Progress percent={Math.round((100 * job.done) / job.total)} size="small" style={{ width: 200 }} />}
          <span className="grow" />
          {can("comply") && <Button size="small" onClick={() => cancel.mutate(job.id)}>{t("web.systems.stop")}</Button>}
        </div>
      ))}
    </>
  );
}
