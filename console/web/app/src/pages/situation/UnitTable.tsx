import type { SituationUnit } from "../../api/types";
import { DenseTable } from "../../components/DenseTable";
import { SeverityMark } from "../../components/Severity";
import { Empty } from "../../components/states";
import { useWords } from "../../i18n";
import { bytes, number } from "../../i18n/format";
import { gaugeColumns, scopeName } from "./ScopeTable";

const SIGN = { more: "↑", less: "↓", same: "→", few: "·" } as const;

/** Units side by side, by alerts for their size. */
export function UnitTable({ rows, prior, current, onOpen }: { rows: SituationUnit[]; prior: number; current: string; onOpen(id: string): void }) {
  const words = useWords();
  const { t, word, language } = words;
  if (rows.length === 0) return <Empty title={t("web.situation.no_units")} next={t("web.situation.no_units_next")} />;
  return (
    <>
      <DenseTable
        label={word("web.situation_view", "units")}
        rows={rows}
        rowKey={(row) => `unit/${row.id}`}
        current={current}
        onOpen={(row) => onOpen(row.id)}
        minWidth={1180}
        columns={[
          { key: "name", title: t("web.situation.unit"), cell: (row) => <span title={row.responsible}>{scopeName({ kind: "unit", id: row.id, name: row.name }, words)}</span> },
          ...gaugeColumns<SituationUnit>(words).slice(0, 3),
          {
            key: "incidents",
            title: t("web.situation.incidents"),
            width: 88,
            right: true,
            cell: (row) => (
              <span className="row end">
                {row.worst && <SeverityMark of={row.worst} />}
                {row.incidents}
              </span>
            ),
          },
          { key: "alerts", title: t("web.situation.alerts_week"), width: 74, right: true, cell: (row) => number(row.alerts, language) },
          { key: "before", title: t("web.situation.before"), width: 64, right: true, cell: (row) => number(row.before, language) },
          { key: "trend", title: t("web.situation.trend"), width: 92, cell: (row) => `${SIGN[row.trend]} ${word("web.trend", row.trend)}` },
          { key: "asset", title: t("web.situation.by_asset"), width: 76, right: true, cell: (row) => <Rate of={row.by_asset} /> },
          { key: "user", title: t("web.situation.by_user"), width: 70, right: true, cell: (row) => <Rate of={row.by_user} /> },
          { key: "gb", title: t("web.situation.by_gb"), width: 70, right: true, cell: (row) => <Rate of={row.by_gb} /> },
          {
            key: "size",
            title: t("web.situation.size"),
            width: 150,
            right: true,
            cell: (row) => `${number(row.assets, language)} / ${row.users ? number(row.users, language) : "—"} / ${row.bytes ? bytes(row.bytes) : "—"}`,
          },
        ]}
      />
      <p className="muted padded">{t("web.situation.fair", { prior: number(prior, language) })}</p>
    </>
  );
}

function Rate({ of }: { of: SituationUnit["by_asset"] }) {
  const { t, language } = useWords();
  if (of.mean === 0 && of.raw === null) return <span className="muted" title={t("web.situation.no_size")}>—</span>;
  const mean = number(of.mean, language, of.mean >= 100 ? 0 : 2);
  const told = of.raw === null ? t("web.situation.raw_none", { mean }) : t("web.situation.raw_rate", { raw: number(of.raw, language, 2), mean });
  return (
    <span title={told} className={of.raw === null ? "muted" : ""}>
      {number(of.shrunk, language, of.shrunk >= 100 ? 0 : 2)}
    </span>
  );
}
