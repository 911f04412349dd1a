import { useNavigate } from "@tanstack/react-router";
import type { CaseRow } from "../api/types";
import { useWords } from "../i18n";
import { DenseTable } from "./DenseTable";
import { SeverityMark } from "./Severity";
import { StageStrip } from "./StageStrip";
import { StatusMark } from "./StatusMark";
import { When } from "./When";

/** Incidents in short, inside another page. */
export function CaseList({ items }: { items: readonly CaseRow[] }) {
  const { t, say } = useWords();
  const navigate = useNavigate();
  if (items.length === 0) return <p className="muted padded">{t("web.entity.no_incidents")}</p>;
  return (
    <DenseTable
      label={t("web.place.queue")}
      rows={items}
      rowKey={(row) => row.id}
      onOpen={(row) => void navigate({ to: "/incidents/$id", params: { id: row.id } })}
      columns={[
        { key: "severity", title: t("web.queue.severity"), width: 44, cell: (row) => <SeverityMark of={row.severity} /> },
        { key: "score", title: t("web.queue.score"), width: 56, right: true, cell: (row) => <span className="score">{Math.round(row.score)}</span> },
        { key: "what", title: t("web.queue.what"), cell: (row) => <span title={say(row.title)}>{say(row.title)}</span> },
        { key: "stages", title: t("web.queue.stages"), width: 114, cell: (row) => <StageStrip tactics={row.tactics} /> },
        { key: "last", title: t("web.queue.last"), width: 120, cell: (row) => <When at={row.last} /> },
        { key: "status", title: t("web.queue.status"), width: 92, cell: (row) => <StatusMark of={row} /> },
      ]}
    />
  );
}
