import type { RefusedRule } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Empty } from "../../components/states";
import { useWords } from "../../i18n";
import { told } from "./told";

const placeOf = (row: RefusedRule) => `${row.path}:${row.line}${row.column ? `:${row.column}` : ""}`;

/** What could not be loaded: where, why, and whether the fault is the rule's or ours. */
export function RefusedTable({ rows, narrow = false }: { rows: readonly RefusedRule[]; narrow?: boolean }) {
  const { t, word, language } = useWords();
  if (rows.length === 0) return <Empty title={t("web.refused.none")} />;
  const columns: Column<RefusedRule>[] = [
    ...(narrow ? [] : [{ key: "pack", title: t("web.rules.pack"), width: 130, cell: (row: RefusedRule) => word("web.rule_origin", row.pack || row.origin) }]),
    { key: "place", title: t("web.refused.place"), width: "38%", cell: (row) => <span className="mono" style={{ overflowWrap: "anywhere" }}>{placeOf(row)}</span> },
    {
      key: "reason",
      title: t("web.refused.reason"),
      cell: (row) => (
        <>
          {row.title && <div>{row.title}</div>}
          <div className="muted">{told(row.reason, row.reason_zh, language)}</div>
        </>
      ),
    },
    { key: "whose", title: t("web.refused.whose"), width: narrow ? 100 : 130, cell: (row) => <span className={`mark ${row.supported ? "bad" : "warn"}`}>{t(row.supported ? "web.refused.theirs" : "web.refused.ours")}</span> },
  ];
  return <DenseTable<RefusedRule> loose label={t("web.refused.label")} columns={columns} rows={rows} rowKey={placeOf} minWidth={narrow ? undefined : 900} />;
}
