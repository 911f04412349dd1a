import { useState } from "react";
import type { GraphNode, IncidentGraph } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { SeverityMark } from "../../components/Severity";
import { Empty } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { listKeys, useKeys } from "../../keyboard/keys";
import { SEVERITIES } from "../../theme/severity";
import type { ShownEdge, ShownGraph } from "./shownGraph";

interface Props {
  graph: IncidentGraph;
  shown: ShownGraph;
  nameOf(node: GraphNode): string;
  onPick(id: string): void;
  current: string | undefined;
}

/** The graph as a table: the same acts under the same filter, to be sorted, each opening its alerts. */
export function GraphTable({ graph, shown, nameOf, onPick, current }: Props) {
  const { t, say, word, language } = useWords();
  const [sort, setSort] = useState("-alerts");
  const [at, setAt] = useState(current ?? "");
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const name = (id: string) => {
    const node = nodes.get(id);
    return node ? nameOf(node) : id;
  };
  const did = (edge: ShownEdge) => {
    const [first = 0, ...more] = edge.rules;
    const title = graph.rules[first]?.title;
    const told = title ? say(title) : t("web.graph.other_rules");
    return more.length > 0 ? `${told} ${t("web.graph.more_rules", { count: edge.rules.length })}` : told;
  };
  const by: Record<string, (a: ShownEdge, b: ShownEdge) => number> = {
    from: (a, b) => name(a.source).localeCompare(name(b.source), language),
    to: (a, b) => name(a.target).localeCompare(name(b.target), language),
    alerts: (a, b) => a.shown - b.shown,
    severity: (a, b) => SEVERITIES.indexOf(b.worst) - SEVERITIES.indexOf(a.worst),
    first: (a, b) => Date.parse(a.first) - Date.parse(b.first),
    last: (a, b) => Date.parse(a.last) - Date.parse(b.last),
  };
  const compare = by[sort.replace("-", "")] ?? (() => 0);
  const rows = [...shown.edges].sort((a, b) => (sort.startsWith("-") ? -1 : 1) * compare(a, b) || (a.id < b.id ? -1 : 1));
  const place = rows.findIndex((row) => row.id === at);
  useKeys(
    listKeys({ at: place, go: (index) => setAt(rows[Math.min(rows.length - 1, Math.max(0, index))]?.id ?? ""), open: () => at && onPick(at), search: () => undefined }).filter((key) => ["j", "k", "o", "Enter"].includes(key.keys)),
  );
  const end = (id: string) => (
    <span className="row">
      <span className="clip">{name(id)}</span>
      <span className="mark">{word("web.story_role", nodes.get(id)?.role ?? "")}</span>
    </span>
  );
  const columns: Column<ShownEdge>[] = [
    { key: "severity", title: t("web.graph.severity"), width: 52, sort: "severity", cell: (edge) => <SeverityMark of={edge.worst} /> },
    { key: "from", title: t("web.graph.from"), width: "24%", sort: "from", cell: (edge) => end(edge.source) },
    { key: "did", title: t("web.graph.did"), cell: did },
    { key: "to", title: t("web.graph.to"), width: "24%", sort: "to", cell: (edge) => end(edge.target) },
    { key: "alerts", title: t("web.graph.alerts"), width: 72, right: true, sort: "alerts", cell: (edge) => number(edge.shown, language) },
    { key: "first", title: t("web.graph.first"), width: 128, sort: "first", cell: (edge) => <When at={edge.first} /> },
    { key: "last", title: t("web.graph.last"), width: 128, sort: "last", cell: (edge) => <When at={edge.last} /> },
  ];
  if (rows.length === 0) return <Empty title={t("web.story.nothing_here")} />;
  return <DenseTable label={t("web.graph.table")} columns={columns} rows={rows} rowKey={(edge) => edge.id} current={at} sort={sort} onSort={setSort} onOpen={(edge) => onPick(edge.id)} />;
}
