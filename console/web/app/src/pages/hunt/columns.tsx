import type { EventMark, EventRecord } from "../../api/types";
import { isUnitField, useUnitName } from "../../api/shelves";
import type { Column } from "../../components/DenseTable";
import { Marked, marksOf, type Marks } from "../../components/Marked";
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

export function eventColumns(names: string[], { t }: Words, marks: (row: EventRecord) => Marks | undefined): Column<EventRecord>[] {
  return names.map((name) => {
    if (name === SUMMARY) return { key: name, title: t("web.hunt.summary"), cell: (row) => <Summary row={row} marks={marks(row)?.filter((mark) => !names.includes(mark.field))} /> };
    const title = <span title={name}>{SHORT[name] ? t(SHORT[name]) : name}</span>;
    const wide = names.includes(SUMMARY) ? (WIDTHS[name] ?? 150) : WIDTHS[name];
    if (name === TIME) return { key: name, title, width: WIDTHS[name], sort: name, cell: (row) => <When at={text(row[name])} fine /> };
    return { key: name, title, width: wide, sort: name, cell: (row) => <Cell row={row} field={name} marks={marks(row)} /> };
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

const SHOWN_MARKED = 3;
const AROUND = 24;

/** What the event says; and of the fields that have no column, what met the query. */
function Summary({ row, marks }: { row: EventRecord; marks: Marks | undefined }) {
  const said = summaryOf(row);
  const others = (marks ?? []).filter((mark) => !said.includes(valueOf(row, mark))).slice(0, SHOWN_MARKED);
  const inside = (marks ?? []).map((mark) => ({ mark, at: said.indexOf(valueOf(row, mark)) })).filter(({ at }) => at >= 0);
  const moved = inside.map(({ mark, at }) => ({ ...mark, start: mark.start + at, end: mark.end + at })).sort((a, b) => a.start - b.start);
  return (
    <span className="mono">
      {others.map((mark) => {
        const value = valueOf(row, mark);
        const from = Math.max(0, mark.start - AROUND);
        const part = value.slice(from, mark.end + AROUND);
        return (
          <span key={`${mark.field} ${mark.index} ${mark.start}`}>
            <span className="muted">{`${mark.field}: `}</span>
            <Marked text={part} marks={[{ ...mark, start: mark.start - from, end: mark.end - from }]} />
            {"  "}
          </span>
        );
      })}
      <Marked text={said} marks={moved} />
    </span>
  );
}

function valueOf(row: EventRecord, mark: EventMark): string {
  const value = row[mark.field];
  const one: unknown = Array.isArray(value) ? value[mark.index] : value;
  return typeof one === "object" ? JSON.stringify(one) : String(one);
}

function Cell({ row, field, marks }: { row: EventRecord; field: string; marks: Marks | undefined }) {
  const value = row[field];
  const unitName = useUnitName();
  if (value === undefined || value === null || value === "") return <span className="muted">—</span>;
  const flow = text(row["zeek.session_id"]) || undefined;
  const values = Array.isArray(value) ? value : [value];
  return (
    <>
      {values.slice(0, 4).map((one, index) => (
        <Value key={index} value={String(one)} field={field} flow={flow} marks={marksOf(marks, field, index)} shown={isUnitField(field) ? unitName(String(one)) : undefined} />
      ))}
    </>
  );
}
