import { WarningFilled } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import type { CaseRow } from "../../api/types";
import type { Column } from "../../components/DenseTable";
import { EntityValue } from "../../components/EntityValue";
import { RunMark } from "../../components/RunMark";
import { SeverityMark } from "../../components/Severity";
import { StageStrip } from "../../components/StageStrip";
import { StatusMark } from "../../components/StatusMark";
import { When } from "../../components/When";
import type { Words } from "../../i18n";

/** The entity to show: one of ours where there is one. */
const mainly = (row: CaseRow) => [...row.entities].sort((a, b) => Number(b.internal) - Number(a.internal)).slice(0, 1);

/** Columns of the queue; the sentence takes what width is left. */
export function queueColumns({ t, say }: Words): Column<CaseRow>[] {
  return [
    { key: "severity", title: t("web.queue.severity"), width: 42, sort: "severity", cell: (row) => <SeverityMark of={row.severity} /> },
    { key: "score", title: t("web.queue.score"), width: 56, right: true, sort: "score", cell: (row) => <span className="score">{Math.round(row.score)}</span> },
    {
      key: "what",
      title: t("web.queue.what"),
      cell: (row) => (
        <span className="row" style={{ gap: 6 }}>
          {row.escalated && <WarningFilled style={{ color: "var(--warn)" }} title={t("web.queue.escalated")} />}
          {row.grown && <span className="mark warn">{t("web.queue.grown")}</span>}
          <RunMark run={row.run} />
          <Link to="/incidents/$id" params={{ id: row.id }} className="sentence" title={say(row.title)}>
            {say(row.title)}
          </Link>
        </span>
      ),
    },
    {
      key: "entities",
      title: t("web.queue.entities"),
      width: 160,
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
    { key: "alerts", title: t("web.queue.alerts"), width: 50, right: true, cell: (row) => row.alerts },
    { key: "first", title: t("web.queue.first"), width: 100, sort: "first", cell: (row) => <When at={row.first} coarse /> },
    { key: "last", title: t("web.queue.last"), width: 100, sort: "last", cell: (row) => <When at={row.last} coarse /> },
    { key: "owner", title: t("web.queue.owner"), width: 82, cell: (row) => row.owner || <span className="muted">—</span> },
    { key: "status", title: t("web.queue.status"), width: 88, cell: (row) => <StatusMark of={row} /> },
  ];
}
