import type { Act, Case } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Empty } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";

/** Who did what to this incident, newest last; nothing is ever overwritten. */
export function History({ item }: { item: Case }) {
  const { t, word } = useWords();
  if (item.history.length === 0) return <Empty title={t("web.history.none")} />;
  const told = (act: Act) =>
    Object.entries(act.values)
      .filter(([, value]) => value !== null && value !== "")
      .map(([name, value]) => (name === "verdict" ? word("web.verdict", String(value)) : typeof value === "string" ? value : JSON.stringify(value)))
      .join(" · ");
  const columns: Column<Act>[] = [
    { key: "at", title: t("web.history.at"), width: 124, cell: (act) => <When at={act.at} /> },
    { key: "by", title: t("web.history.by"), width: 120, cell: (act) => act.by },
    { key: "kind", title: t("web.history.act"), width: 130, cell: (act) => word("web.act", act.kind) },
    { key: "values", title: t("web.history.detail"), cell: told },
  ];
  return <DenseTable loose label={t("web.history.label")} columns={columns} rows={item.history} rowKey={(act) => act.at + act.kind} />;
}
