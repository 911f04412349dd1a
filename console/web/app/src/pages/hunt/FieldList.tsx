import { Input } from "antd";
import { useState } from "react";
import { useFields, useTerms, type Search } from "../../api/events";
import type { EventRecord, Field } from "../../api/types";
import { Value } from "../../components/Value";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { clause, excluding, including } from "../../state/lucene";

interface Props {
  search: Search;
  rows: readonly EventRecord[];
  columns: string[];
  onColumns(columns: string[]): void;
  onQuery(query: string): void;
}

/** Fields beside the table: those of the rows in sight first; each opens into its commonest values. */
export function FieldList({ search, rows, columns, onColumns, onQuery }: Props) {
  const { t } = useWords();
  const [filter, setFilter] = useState("");
  const [open, setOpen] = useState("");
  const fields = useFields();
  const seen = new Set(rows.flatMap((row) => Object.keys(row)));
  const matching = (fields.data?.items ?? []).filter(({ name }) => name.includes(filter.toLowerCase()));
  const groups = [
    { title: t("web.hunt.fields_seen"), fields: matching.filter(({ name }) => seen.has(name)) },
    { title: t("web.hunt.fields_other"), fields: filter ? matching.filter(({ name }) => !seen.has(name)) : [] },
  ];
  return (
    <aside className="side fields" aria-label={t("web.hunt.fields")}>
      <Input allowClear placeholder={t("web.hunt.fields_filter")} aria-label={t("web.hunt.fields_filter")} value={filter} onChange={(event) => setFilter(event.target.value)} style={{ marginBottom: 6 }} />
      {groups.map((group) =>
        group.fields.length === 0 ? null : (
          <section key={group.title} className="facet">
            <h3>{group.title}</h3>
            {group.fields.map((field) => (
              <FieldRow key={field.name} field={field} shown={columns.includes(field.name)} open={open === field.name} onOpen={() => setOpen(open === field.name ? "" : field.name)} search={search} columns={columns} onColumns={onColumns} onQuery={onQuery} />
            ))}
          </section>
        ),
      )}
    </aside>
  );
}

const LETTER: Record<string, string> = { keyword: "t", text: "t", ip: "@", long: "#", float: "#", date: "◷", boolean: "?" };

function FieldRow({ field, shown, open, onOpen, search, columns, onColumns, onQuery }: Omit<Props, "rows"> & { field: Field; shown: boolean; open: boolean; onOpen(): void }) {
  const { t, language } = useWords();
  const terms = useTerms(search, field.name, 10, open);
  const toggle = () => onColumns(shown ? columns.filter((name) => name !== field.name) : [...columns.filter((name) => name !== "summary"), field.name, ...columns.filter((name) => name === "summary")]);
  return (
    <div>
      <div className="row" style={{ gap: 0 }}>
        <button type="button" className="field" aria-expanded={open} title={field.description || field.name} onClick={onOpen}>
          <span className="muted mono">{LETTER[field.type] ?? "·"}</span>
          <span className="clip grow">{field.name}</span>
        </button>
        <button type="button" className="plain muted" aria-pressed={shown} aria-label={t(shown ? "web.hunt.column_off" : "web.hunt.column_on", { name: field.name })} title={t(shown ? "web.hunt.column_off" : "web.hunt.column_on", { name: field.name })} onClick={toggle} style={{ padding: "0 4px", color: shown ? "var(--accent)" : undefined }}>
          {shown ? "▣" : "▢"}
        </button>
      </div>
      {open && (
        <div className="terms">
          {terms.data?.buckets.map((bucket) => (
            <div key={bucket.key} className="term">
              <button type="button" className="sign" aria-label={t("web.hunt.include", { value: bucket.key })} onClick={() => onQuery(including(search.q, clause(field.name, bucket.key)))}>
                +
              </button>
              <button type="button" className="sign" aria-label={t("web.hunt.exclude", { value: bucket.key })} onClick={() => onQuery(excluding(search.q, clause(field.name, bucket.key)))}>
                −
              </button>
              <Value value={bucket.key} field={field.name} />
              <span className="amount">{number(bucket.count, language)}</span>
            </div>
          ))}
          {terms.isPending && <span className="muted">{t("web.state.loading")}</span>}
          {terms.data?.buckets.length === 0 && <span className="muted">{t("web.hunt.no_values")}</span>}
        </div>
      )}
    </div>
  );
}
