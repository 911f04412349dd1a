import type { EventRecord } from "../../api/types";
import { isUnitField, useUnitName } from "../../api/shelves";
import type { Column } from "../../components/DenseTable";
import { Value } from "../../components/Value";
import { When } from "../../components/When";
import type { Key, Words } from "../../i18n";
import { summaryOf, text } from "./summary";

export const TIME = "@timestamp";
/** Not a field: what the event says in short. */
export const SUMMARY = "summary";
export const DEFAULT_COLUMNS = [TIME, "event.dataset", "source.ip", "destination.ip", "destination.port", "cn.source.unit", SUMMARY];

const WIDTHS: Record<string, number> = {
  [TIME]: 150,
  "event.dataset": 84,
  "source.ip": 128,
  "destination.ip": 128,
  "source.port": 74,
  "destination.port": 74,
  "network.protocol": 84,
  "network.transport": 70,
  "cn.source.unit": 96,
};

export const columnsOf = (word: string | undefined): string[] => (word ? word.split(",") : DEFAULT_COLUMNS);

export function eventColumns(names: string[], { t }: Words): Column<EventRecord>[] {
  return names.map((name) => {
    if (name === SUMMARY) return { key: name, title: t("web.hunt.summary"), cell: (row) => <span className="mono">{summaryOf(row)}</span> };
    const title = <span title={name}>{SHORT[name] ? t(SHORT[name]) : name}</span>;
    const wide = names.includes(SUMMARY) ? (WIDTHS[name] ?? 150) : WIDTHS[name];
    if (name === TIME) return { key: name, title, width: WIDTHS[name], sort: name, cell: (row) => <When at={text(row[name])} fine /> };
    return { key: name, title, width: wide, sort: name, cell: (row) => <Cell row={row} field={name} /> };
  });
}

const SHORT: Record<string, Key> = {
  [TIME]: "web.hunt.time",
  "event.dataset": "web.hunt.dataset",
  "source.ip": "web.hunt.source",
  "destination.ip": "web.hunt.destination",
  "destination.port": "web.hunt.port",
  "cn.source.unit": "web.hunt.unit",
};

function Cell({ row, field }: { row: EventRecord; field: string }) {
  const value = row[field];
  const unitName = useUnitName();
  if (value === undefined || value === null || value === "") return <span className="muted">—</span>;
  const flow = text(row["zeek.session_id"]) || undefined;
  const values = Array.isArray(value) ? value : [value];
  return (
    <>
      {values.slice(0, 4).map((one, index) => (
        <Value key={index} value={String(one)} field={field} flow={flow} shown={isUnitField(field) ? unitName(String(one)) : undefined} />
      ))}
    </>
  );
}
