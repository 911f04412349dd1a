import { WarningFilled } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import type { CaseRow } from "../../api/types";
import type { Column } from "../../components/DenseTable";
import { EntityValue } from "../../components/EntityValue";
import { RunMark } from "../../components/RunMark";
import { SeverityMark } from "../../components/Severity";
import { StageStrip } from "../../components/StageStrip";
import { StatusMark } from "../../components/StatusMark";
import { Span, When } from "../../components/When";
import type { Words } from "../../i18n";

/** The entity to show: one of ours where there is one. */
const mainly = (row: CaseRow) => [...row.entities].sort((a, b) => Number(b.internal) - Number(a.internal)).slice(0, 1);

/** How long an incident has been open; what is older than a season is a capture of the past. */
function Age({ row }: { row: CaseRow }) {
  const seconds = (Date.now() - Date.parse(row.first)) / 1000;
  if (row.status === "closed" || seconds < 0 || seconds > 90 * 86_400) return <span className="muted">—</span>;
  const step = seconds > 86_400 ? 86_400 : seconds > 3600 ? 3600 : 60;
  return <Span seconds={Math.max(step, Math.floor(seconds / step) * step)} />;
}

/** Columns of the queue; the sentence takes what width is left. */
export function queueColumns({ t, say }: Words): Column<CaseRow>[] {
  return [
    { key: "severity", title: t("web.queue.severity"), width: 42, sort: "severity", cell: (row) => <SeverityMark of={row.severity} /> },
    { key: "score", title: t("web.queue.score"), width: 56, right: true, sort: "score", cell: (row) => <span className="score" title={t("web.queue_mark.risk", { score: Math.round(row.score), now: Math.round(row.risk_now) })}>{Math.round(row.score)}</span> },
    {
      key: "what",
      title: t("web.queue.what"),
      cell: (row) => (
        <span className="row" style={{ gap: 6 }}>
          {row.escalated && <WarningFilled style={{ color: "var(--warn)" }} title={t("web.queue.escalated")} />}
          {row.grown && <span className="mark warn">{t("web.queue.grown")}</span>}
          <RunMark run={row.run} />
          {row.origin === "foreign" && <span className="mark" title={t("web.queue_mark.foreign_why")}>{t("web.queue_mark.foreign")}</span>}
          {row.learning && <span className="mark" title={t("web.queue_mark.learning_why")}>{t("web.queue_mark.learning")}</span>}
          {row.below_line && <span className="mark" title={t("web.line.why")}>{t("web.line.mark")}</span>}
          <Link to="/incidents/$id" params={{ id: row.id }} className="sentence" title={say(row.title)}>
            {say(row.title)}
          </Link>
        </span>
      ),
    },
    {
      key: "entities",
      title: t("web.queue.entities"),
      width: 152,
      cell: (row) => (
        <span className="row" style={{ gap: 8 }}>
          {mainly(row).map((entity) => (
            <EntityValue key={entity.kind + entity.value} entity={entity} />
          ))}
          {row.entities.length > 1 && <span className="muted">{`+${row.entities.length - 1}`}</span>}
        </span>
      ),
    },
    { key: "stages", title: t("web.queue.stages"), width: 114, cell: (row) => <StageStrip tactics={row.tactics} /> },
    { key: "alerts", title: t("web.queue.alerts"), width: 58, right: true, cell: (row) => <span title={t("web.queue_mark.repeats", { alerts: row.alerts, count: row.count })}>{row.alerts}</span> },
    {
      key: "span",
      title: t("web.queue_mark.span"),
      width: 130,
      sort: "last",
      cell: (row) => (
        <span className="stack" style={{ lineHeight: 1.2, gap: 0 }}>
          <When at={row.first} coarse />
          <When at={row.last} coarse />
        </span>
      ),
    },
    { key: "clock", title: <span title={t("web.queue_mark.clock_why")}>{t("web.queue_mark.clock")}</span>, width: 72, right: true, cell: (row) => <Age row={row} /> },
    { key: "owner", title: t("web.queue.owner"), width: 64, cell: (row) => row.owner || <span className="muted">—</span> },
    { key: "status", title: t("web.queue.status"), width: 76, cell: (row) => <StatusMark of={row} /> },
  ];
}
