import { Progress } from "antd";
import { isRunning, useJobs } from "../api/shelves";
import { useWords } from "../i18n";

/** How far a job is, beside the button that started it. */
export function JobProgress({ id }: { id: string | undefined }) {
  const { word, say } = useWords();
  const jobs = useJobs();
  const job = jobs.data?.items.find((candidate) => candidate.id === id);
  if (!job) return null;
  const percent = job.total > 0 ? Math.min(100, Math.round((job.done / job.total) * 100)) : undefined;
  return (
    <span className="row" role="status" style={{ minWidth: 280 }}>
      <span className="muted clip">{say(job.message) || word("web.job_kind", job.kind)}</span>
      {isRunning(job) && percent !== undefined && <Progress percent={percent} size="small" style={{ width: 130 }} />}
      <span className={`mark ${job.status === "failed" ? "bad" : isRunning(job) ? "accent" : "good"}`}>{word("web.job_status", job.status)}</span>
    </span>
  );
}
