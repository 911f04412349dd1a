import { useState } from "react";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Empty } from "../../components/states";
import { useTactic, useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { useKeys } from "../../keyboard/keys";
import { useUrl } from "../../state/url";
import { COVERS, type Covered } from "./coverage";
import { CoverMark } from "./coverMark";

const BY: Record<string, (a: Covered, b: Covered) => number> = {
  id: (a, b) => b.id.localeCompare(a.id),
  cover: (a, b) => COVERS.indexOf(b.cover) - COVERS.indexOf(a.cover),
  live: (a, b) => a.live - b.live,
  rules: (a, b) => a.rules - b.rules,
  hits: (a, b) => a.hits - b.hits,
};

/** The map as a table: the same techniques, to be sorted and read aloud. */
export function CoverageTable({ cells, onOpen }: { cells: readonly Covered[]; onOpen(technique: string): void }) {
  const { t, language } = useWords();
  const tactic = useTactic();
  const [url, change] = useUrl();
  const [current, setCurrent] = useState<string>();
  const sort = url.sort ?? "-cover";
  const by = BY[sort.replace("-", "")] ?? (() => 0);
  const sign = sort.startsWith("-") ? -1 : 1;
  const rows = [...cells].sort((a, b) => sign * by(a, b) || a.id.localeCompare(b.id));
  const at = rows.findIndex((row) => row.id === current);
  const go = (index: number) => setCurrent(rows[Math.max(0, Math.min(index, rows.length - 1))]?.id);
  const open = () => current && onOpen(current);
  useKeys([
    { keys: "j", label: "web.keys.down", run: () => go(at + 1) },
    { keys: "k", label: "web.keys.up", run: () => go(at < 0 ? 0 : at - 1) },
    { keys: "o", label: "web.keys.open", run: open },
    { keys: "Enter", label: "web.keys.open", run: open },
  ]);
  if (rows.length === 0) return <Empty title={t("web.coverage.none")} />;
  const columns: Column<Covered>[] = [
    { key: "id", title: t("web.coverage.technique"), width: 80, sort: "id", cell: (row) => <span className="mono">{row.id}</span> },
    { key: "name", title: t("web.coverage.name"), cell: (row) => <span title={`${row.zh} ${row.en}`}>{row[language] || row.id}</span> },
    { key: "tactics", title: t("web.rules.tactic"), width: 260, cell: (row) => <span title={row.tactics.map(tactic).join(" · ")}>{row.tactics.map(tactic).join(" · ")}</span> },
    { key: "cover", title: t("web.coverage.state"), width: 110, sort: "cover", cell: (row) => <CoverMark of={row.cover} /> },
    { key: "live", title: t("web.coverage.live"), width: 80, right: true, sort: "live", cell: (row) => row.live },
    { key: "partial", title: t("web.coverage.partial"), width: 80, right: true, cell: (row) => row.partial },
    { key: "inert", title: t("web.coverage.inert"), width: 80, right: true, cell: (row) => row.inert },
    { key: "rules", title: t("web.coverage.rules"), width: 80, right: true, sort: "rules", cell: (row) => row.rules },
    { key: "hits", title: t("web.rules.hits_30d"), width: 110, right: true, sort: "hits", cell: (row) => number(row.hits, language) },
  ];
  return <DenseTable windowed label={t("web.coverage.table")} columns={columns} rows={rows} rowKey={(row) => row.id} current={current} sort={sort} onSort={(next) => change({ sort: next })} onOpen={(row) => onOpen(row.id)} minWidth={1000} />;
}
