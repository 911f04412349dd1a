import type { GaugeBrief, ScopeRow } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { useWords, type Words } from "../../i18n";
import { number } from "../../i18n/format";
import { GAUGES, isLowerBound, LEVEL_SHAPE, levelOf } from "./gauge";

/** A gauge in a cell: its value with the level's shape, or why there is none. */
export function GaugeCell({ gauge }: { gauge: GaugeBrief }) {
  const { t, word, say, language } = useWords();
  const level = levelOf(gauge);
  const told = gauge.value !== null ? number(gauge.value, language) : isLowerBound(gauge) ? t("web.situation.at_least", { value: number(gauge.seen, language) }) : word("web.level", level);
  return (
    <span className={`level ${level}`} title={gauge.unknown ? say(gauge.unknown) : word("web.level", level)}>
      <span aria-hidden>{LEVEL_SHAPE[level]}</span> {told}
    </span>
  );
}

/** What people call a scope. */
export function scopeName(row: Pick<ScopeRow, "kind" | "id" | "name">, { t, word }: Words): string {
  if (row.kind === "whole") return t("web.scope.whole");
  if (row.kind === "unit" && !row.id) return t("web.scope.none");
  return row.kind === "plane" ? word("web.plane", row.id) : row.name || row.id;
}

export function gaugeColumns<Row extends { gauges: GaugeBrief[] }>({ word }: Words): Column<Row>[] {
  return GAUGES.map((name) => ({
    key: name,
    title: word("web.gauge", name),
    width: 118,
    cell: (row: Row) => {
      const gauge = row.gauges.find((each) => each.gauge === name);
      return gauge ? <GaugeCell gauge={gauge} /> : null;
    },
  }));
}

/** Zones, planes or systems with their gauges; a row opens the gauges of its scope. */
export function ScopeTable({ rows, current, onOpen }: { rows: ScopeRow[]; current: string; onOpen(row: ScopeRow): void }) {
  const words = useWords();
  const { t, word } = words;
  return (
    <DenseTable
      label={t("web.situation.name")}
      rows={rows}
      rowKey={(row) => `${row.kind}/${row.id}`}
      current={current}
      onOpen={onOpen}
      columns={[
        { key: "kind", title: "", width: 90, cell: (row) => <span className="muted">{word("web.scope", row.kind)}</span> },
        { key: "name", title: t("web.situation.name"), cell: (row) => scopeName(row, words) },
        ...gaugeColumns<ScopeRow>(words),
      ]}
    />
  );
}
