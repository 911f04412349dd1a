import type { EventRecord } from "../../api/types";
import { SUMMARY } from "./columns";
import { summaryOf, text } from "./summary";

/** Quoted for CSV; a leading sign that a spreadsheet would run as a formula is disarmed. */
export function csvCell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

export function asCsv(rows: readonly EventRecord[], columns: readonly string[]): string {
  const lines = [columns.map(csvCell), ...rows.map((row) => columns.map((name) => csvCell(name === SUMMARY ? summaryOf(row) : text(row[name]))))];
  return lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
}

export const asNdjson = (rows: readonly EventRecord[]): string => rows.map((row) => JSON.stringify(row)).join("\n") + "\n";

/** Hand a text to the user as a file. The mark of byte order makes spreadsheets read UTF-8. */
export function download(name: string, content: string, type: string): void {
  const address = URL.createObjectURL(new Blob([type === "text/csv" ? "\ufeff" : "", content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
