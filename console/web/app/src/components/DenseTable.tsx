import { Checkbox } from "antd";
import { useEffect, useRef, type ReactNode } from "react";
import { useWords } from "../i18n";
import { useRowWindow } from "./rowWindow";

export interface Column<Row> {
  key: string;
  title: ReactNode;
  width?: number | string;
  right?: boolean;
  /** The word that `sort` takes for this column. */
  sort?: string;
  cell(row: Row): ReactNode;
}

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  current?: string;
  onOpen?(row: Row): void;
  selected?: ReadonlySet<string>;
  onSelect?(keys: ReadonlySet<string>): void;
  /** `-score`: descending. */
  sort?: string;
  onSort?(sort: string): void;
  loose?: boolean;
  minWidth?: number;
  rowClass?(row: Row): string;
  /** Only the rows in sight are drawn: for thousands of rows of one height. */
  windowed?: boolean;
}

/** The table of the console: 32 px rows, sticky head, one current row, selection by box or `x`. */
export function DenseTable<Row>(props: Props<Row>) {
  const { label, columns, rows, rowKey, current, onOpen, selected, onSelect } = props;
  const { t } = useWords();
  const body = useRef<HTMLTableSectionElement>(null);
  const shown = useRowWindow(body, rows.length, props.windowed ?? false, current === undefined ? -1 : rows.findIndex((row) => rowKey(row) === current));
  useEffect(() => {
    if (current && !props.windowed) body.current?.querySelector("tr.current")?.scrollIntoView({ block: "nearest" });
  }, [current, props.windowed]);
  const choose = (key: string) => {
    const next = new Set(selected);
    if (!next.delete(key)) next.add(key);
    onSelect?.(next);
  };
  const all = rows.length > 0 && selected !== undefined && rows.every((row) => selected.has(rowKey(row)));
  return (
    <table className={`dense ${props.loose ? "loose" : ""}`} aria-label={label} aria-rowcount={props.windowed ? rows.length + 1 : undefined} style={{ minWidth: props.minWidth }}>
      <colgroup>
        {onSelect && <col style={{ width: 34 }} />}
        {columns.map((column) => (
          <col key={column.key} style={{ width: column.width }} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {onSelect && (
            <th scope="col">
              <Checkbox aria-label={t("web.table.select_all")} checked={all} indeterminate={!all && (selected?.size ?? 0) > 0} onChange={() => onSelect(all ? new Set() : new Set(rows.map(rowKey)))} />
            </th>
          )}
          {columns.map((column) => (
            <Head key={column.key} column={column} sort={props.sort} onSort={props.onSort} />
          ))}
        </tr>
      </thead>
      <tbody ref={body}>
        {shown.above > 0 && <tr aria-hidden style={{ height: shown.above }} />}
        {rows.slice(shown.from, shown.to).map((row, index) => {
          const key = rowKey(row);
          const classes = [onOpen ? "open" : "", key === current ? "current" : "", props.rowClass?.(row) ?? ""].join(" ");
          return (
            <tr key={key} className={classes} aria-rowindex={props.windowed ? shown.from + index + 2 : undefined} aria-current={key === current || undefined} onClick={(event) => onOpen && !(event.target as Element).closest("button, a, label") && onOpen(row)}>
              {onSelect && (
                <td>
                  <Checkbox aria-label={t("web.table.select")} checked={selected?.has(key)} onChange={() => choose(key)} />
                </td>
              )}
              {columns.map((column) => (
                <td key={column.key} className={column.right ? "right" : ""}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          );
        })}
        {shown.below > 0 && <tr aria-hidden style={{ height: shown.below }} />}
      </tbody>
    </table>
  );
}

function Head<Row>({ column, sort, onSort }: { column: Column<Row>; sort?: string; onSort?(sort: string): void }) {
  const name = column.sort;
  const direction = name && sort?.replace(/^-/, "") === name ? (sort.startsWith("-") ? "descending" : "ascending") : undefined;
  return (
    <th scope="col" className={column.right ? "right" : ""} aria-sort={direction}>
      {name && onSort ? (
        <button type="button" className="sorter" onClick={() => onSort(direction === "descending" ? name : `-${name}`)}>
          {column.title}
          {direction === "descending" ? " ↓" : direction === "ascending" ? " ↑" : ""}
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}
