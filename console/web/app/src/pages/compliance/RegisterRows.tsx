import { CloseOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useRef, useState, type KeyboardEvent } from "react";
import { useCan } from "../../api/session";
import { useWriteRegister } from "../../api/systems";
import type { FiledSystem } from "../../api/types";
import { Empty, ProblemView } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import type { SystemRegister } from "./RegistersTab";

type Row = Record<string, string>;
type Column = SystemRegister["columns"][number];
interface Props {
  system: FiledSystem;
  register: SystemRegister;
  onSaved(name: string, count: number, before?: string): void;
  onBack(sha256: string): void;
}
/** What the server would refuse: an empty must, a time or a number that is none. */
const isBad = (column: Column, value: string) =>
  value.trim() === "" ? column.must : (column.takes === "time" && !TIME.test(value.trim())) || (column.takes === "number" && !NUMBER.test(value.trim()));
const TIME = /^\d{4}[-/]\d{2}[-/]\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/;
const NUMBER = /^-?[\d,]*\.?\d+%?$/;
const HINT = { text: "", number: "0", time: "2026-11-21 09:30", choice: "" } as const;

/** The rows of one register, written like a sheet; each save is a version that can be taken again. */
export function RegisterRows({ system, register, onSaved, onBack }: Props) {
  const { t, word } = useWords();
  const can = useCan();
  const write = useWriteRegister();
  const table = useRef<HTMLTableElement>(null);
  const [rows, setRows] = useState<Row[]>(register.rows);
  const newest = register.versions[0];
  const writes = can("comply") && register.count <= register.rows.length;
  const changed = rows !== register.rows;
  const blank = (): Row => Object.fromEntries(register.columns.map((column) => [column.name, column.choices[0] ?? ""]));
  const add = () => {
    setRows([...rows, blank()]);
    requestAnimationFrame(() => table.current?.querySelector<HTMLElement>("tbody tr:last-child input")?.focus());
  };
  const filled = rows.filter((row) => register.columns.some((column) => column.takes !== "choice" && row[column.name]?.trim()));
  const faults = filled.flatMap((row, index) => register.columns.filter((column) => isBad(column, row[column.name] ?? "")).map((column) => t("web.registers.fault", { row: index + 1, column: word("web.column", column.name) })));
  const [told, setTold] = useState(false);
  const save = () => {
    setTold(true);
    if (faults.length > 0) return;
    write.mutate({ system: system.id, name: register.name, rows: filled, seen: newest?.sha256 ?? "" }, { onSuccess: () => onSaved(register.name, filled.length, newest?.sha256) });
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) save();
    else if (index === rows.length - 1) add();
  };
  const set = (index: number, name: string, value: string) => setRows(rows.map((row, at) => (at === index ? { ...row, [name]: value } : row)));
  return (
    <section className="panel padded stack">
      <div className="row">
        <h2 className="grow">{word("web.register_name", register.name)}</h2>
        {writes && <span className="muted">{t("web.registers.keys")}</span>}
        {writes && changed && <Button onClick={() => setRows(register.rows)}>{t("web.registers.revert")}</Button>}
        {writes && <Button onClick={add}>{t("web.registers.add")}</Button>}
        {writes && (
          <Button type="primary" loading={write.isPending} disabled={!changed} onClick={save}>
            {t("web.registers.save")}
          </Button>
        )}
      </div>
      {register.count > register.rows.length && <div className="notice">{t("web.registers.by_file", { count: register.count, command: `fengsui system bring ${system.id} ${register.name}.csv` })}</div>}
      {register.problems.length > 0 && <div className="notice warn">{register.problems.join("；")}</div>}
      {told && faults.length > 0 && <div className="notice warn" role="alert">{faults.slice(0, 5).join("；")}</div>}
      {write.error && <ProblemView error={write.error} />}
      {rows.length === 0 ? (
        <Empty title={t("web.registers.empty")}>{writes && <Button onClick={add}>{t("web.registers.add")}</Button>}</Empty>
      ) : (
        <div style={{ overflowX: "auto" }}>
          <table ref={table} className="sheet-form" aria-label={word("web.register_name", register.name)}>
            <thead>
              <tr>
                {register.columns.map((column) => (
                  <th key={column.name} scope="col">
                    {word("web.column", column.name)}
                    {column.must && <span aria-hidden className="must">*</span>}
                  </th>
                ))}
                <th />
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={index} onKeyDown={(event) => onKey(event, index)}>
                  {register.columns.map((column) => (
                    <td key={column.name}>
                      <Cell column={column} value={row[column.name] ?? ""} disabled={!writes} bad={told && isBad(column, row[column.name] ?? "")} label={`${word("web.column", column.name)} ${index + 1}`} onChange={(value) => set(index, column.name, value)} />
                    </td>
                  ))}
                  <td>{writes && <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t("web.registers.remove", { row: index + 1 })} onClick={() => setRows(rows.filter((_, at) => at !== index))} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {register.versions.length > 0 && (
        <details>
          <summary>{`${t("web.registers.versions")} ${register.versions.length}`}</summary>
          {register.versions.map((version, index) => (
            <div key={version.sha256} className="row">
              <When at={version.brought} />
              <span>{version.by}</span>
              <span className="mono muted">{version.sha256.slice(0, 16)}</span>
              {writes && index > 0 && <Button size="small" type="link" onClick={() => onBack(version.sha256)}>{t("web.registers.again")}</Button>}
            </div>
          ))}
        </details>
      )}
    </section>
  );
}

function Cell({ column, value, disabled, bad, label, onChange }: { column: Column; value: string; disabled: boolean; bad: boolean; label: string; onChange(value: string): void }) {
  const { word } = useWords();
  if (column.takes === "choice") {
    return <Select size="small" style={{ width: 110 }} value={value} disabled={disabled} aria-label={label} onChange={onChange} options={column.choices.map((choice) => ({ value: choice, label: word("web.register_kind", choice) }))} />;
  }
  return <input className="cell" value={value} disabled={disabled} aria-label={label} aria-invalid={bad || undefined} required={column.must} maxLength={1000} placeholder={HINT[column.takes]} inputMode={column.takes === "number" ? "decimal" : undefined} onChange={(event) => onChange(event.target.value)} />;
}
