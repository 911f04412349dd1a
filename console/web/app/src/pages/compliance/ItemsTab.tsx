import { Input, Select } from "antd";
import type { InputRef } from "antd";
import { useRef } from "react";
import type { Conformity, FiledSystem, SystemItem } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Empty } from "../../components/states";
import { useWords } from "../../i18n";
import { listKeys, useKeys } from "../../keyboard/keys";
import { useUrl } from "../../state/url";
import { ItemDrawer } from "./ItemDrawer";
import { VerdictMark } from "./VerdictMark";
import { VERDICTS } from "./verdicts";

/** All items of a system, worst first; one opens beside the list. */
export function ItemsTab({ system }: { system: FiledSystem }) {
  const { t, say, word } = useWords();
  const [url, change] = useUrl();
  const search = useRef<InputRef>(null);
  const needle = (url.find ?? "").toLowerCase();
  const rows = system.rows
    .filter((item) => !url.verdict || item.verdict === url.verdict)
    .filter((item) => !url.area || item.prefix === url.area)
    .filter((item) => !needle || [item.unit, item.clause, say(item.title), say(item.control_point)].some((text) => text.toLowerCase().includes(needle)))
    .sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
  const at = rows.findIndex((item) => item.unit === url.unit);
  const go = (index: number) => change({ unit: rows[Math.min(rows.length - 1, Math.max(0, index))]?.unit ?? "" }, true);
  useKeys(listKeys({ at, go, open: () => go(at), search: () => search.current?.focus() }));
  const columns: Column<SystemItem>[] = [
    { key: "verdict", title: t("web.compliance.verdict"), width: 100, cell: (item) => <VerdictMark of={item.verdict} /> },
    { key: "unit", title: t("web.systems.unit"), width: 108, cell: (item) => <span className="mono">{item.unit}</span> },
    { key: "clause", title: t("web.compliance.clause_head"), width: 84, cell: (item) => <span className="mono">{`${item.clause} ${item.item}`}</span> },
    { key: "title", title: t("web.compliance.requirement"), width: url.unit ? 170 : 230, cell: (item) => <span title={say(item.control_point)}>{say(item.title)}</span> },
    {
      key: "reason",
      title: t("web.compliance.found"),
      cell: (item) => (
        <>
          {item.may_be_worse && <span className="mark warn">{t("web.systems.may_be_worse")}</span>} {say(item.reason)}
        </>
      ),
    },
    { key: "who", title: t("web.systems.decided_by"), width: 84, cell: (item) => <span className="muted" title={item.mark}>{word("web.automation", item.automation)}</span> },
    { key: "tasks", title: t("web.systems.repairs"), width: 60, right: true, cell: (item) => item.open_tasks || "" },
  ];
  const shown = url.unit ? columns.filter((column) => !["clause", "who", "tasks"].includes(column.key)) : columns;
  return (
    <div className="split" style={{ position: "relative" }}>
      <div className="page grow">
        <div className="bar">
          <Input ref={search} allowClear placeholder={t("web.systems.find")} style={{ width: 220 }} value={url.find ?? ""} onChange={(event) => change({ find: event.target.value }, true)} />
          <Select
            allowClear
            placeholder={t("web.compliance.verdict")}
            aria-label={t("web.compliance.verdict")}
            style={{ width: 130 }}
            value={url.verdict as Conformity | undefined}
            onChange={(verdict?: Conformity) => change({ verdict: verdict ?? "" })}
            options={VERDICTS.map((verdict) => ({ value: verdict, label: word("web.conformity", verdict) }))}
          />
          <Select
            allowClear
            placeholder={t("web.systems.class")}
            aria-label={t("web.systems.class")}
            style={{ width: 150 }}
            value={url.area}
            onChange={(area?: string) => change({ area: area ?? "" })}
            options={system.areas.map((area) => ({ value: area.prefix, label: say(area.area) }))}
          />
          <span className="muted">{t("web.systems.shown", { shown: rows.length, items: system.items })}</span>
        </div>
        <div className="sheet">
          {rows.length === 0 ? <Empty title={t("web.systems.nothing_fits")} /> : <DenseTable label={t("web.system_tab.items")} columns={shown} rows={rows} rowKey={(item) => item.unit} current={url.unit} onOpen={(item) => change({ unit: item.unit })} />}
        </div>
      </div>
      {url.unit && <ItemDrawer key={url.unit} system={system} unit={url.unit} onClose={() => change({ unit: "" })} />}
    </div>
  );
}
