import { Link } from "@tanstack/react-router";
import { Input } from "antd";
import { useRules } from "../../api/shelves";
import type { Bucket, Rule } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Facet } from "../../components/Facets";
import { SeverityMark } from "../../components/Severity";
import { SideDrawer } from "../../components/SideDrawer";
import { Answered, Empty } from "../../components/states";
import { useTitle } from "../../components/title";
import { useTactic, useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { SEVERITIES } from "../../theme/severity";
import { useUrl } from "../../state/url";

const TONE: Record<string, string> = { live: "good", inert: "warn", parked: "bad" };
const SHAPE: Record<string, string> = { live: "●", inert: "○", parked: "■" };

const countBy = (rules: readonly Rule[], of: (rule: Rule) => string): Bucket[] => {
  const counts = new Map<string, number>();
  for (const rule of rules) counts.set(of(rule), (counts.get(of(rule)) ?? 0) + 1);
  return [...counts].map(([key, count]) => ({ key, count })).sort((a, b) => b.count - a.count);
};

function compare(sort: string): (a: Rule, b: Rule) => number {
  const sign = sort.startsWith("-") ? -1 : 1;
  switch (sort.replace("-", "")) {
    case "hits":
      return (a, b) => sign * (a.hits - b.hits);
    case "severity":
      return (a, b) => sign * (SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
    default:
      return (a, b) => sign * a.id.localeCompare(b.id);
  }
}

/** Every detection: does it live, how often it spoke, what it stands for. */
export function DetectionsPage() {
  const { t, word } = useWords();
  const answer = useRules();
  const [url, change] = useUrl();
  useTitle(t("web.place.detections"));
  return (
    <Answered of={answer}>
      {({ items }) => {
        const sort = url.sort ?? "-hits";
        const text = (url.text ?? "").toLowerCase();
        const chosen = (name: string) => (url[name] ? (url[name] ?? "").split(",") : []);
        const fits = (name: string, value: string) => chosen(name).length === 0 || chosen(name).includes(value);
        const rows = items
          .filter((rule) => fits("status", rule.status) && fits("kind", rule.kind) && fits("level", rule.severity))
          .filter((rule) => !text || `${rule.id} ${rule.title.zh} ${rule.title.en} ${rule.techniques.join(" ")}`.toLowerCase().includes(text))
          .sort(compare(sort));
        const open = items.find((rule) => rule.id === url.rule);
        const choose = (name: string) => (keys: string[]) => change({ [name]: keys.join(",") });
        return (
          <div className="page">
            <div className="bar">
              <h1>{t("web.place.detections")}</h1>
              <span className="muted">{t("web.rules.counts", { live: items.filter((rule) => rule.status === "live").length, total: items.length })}</span>
              <span className="grow" />
              <Input.Search allowClear defaultValue={url.text} style={{ width: 260 }} placeholder={t("web.rules.search")} aria-label={t("web.rules.search")} onSearch={(next) => change({ text: next })} />
            </div>
            <div className="split" style={{ position: "relative" }}>
              <aside className="side" style={{ width: 176 }} aria-label={t("web.queue.facets")}>
                <Facet title={t("web.rules.status")} buckets={countBy(items, (rule) => rule.status)} chosen={chosen("status")} onChoose={choose("status")} label={(key) => word("web.rule_status", key)} />
                <Facet title={t("web.rules.kind")} buckets={countBy(items, (rule) => rule.kind)} chosen={chosen("kind")} onChoose={choose("kind")} label={(key) => word("web.detection_kind", key)} />
                <Facet title={t("web.queue.severity_name")} buckets={countBy(items, (rule) => rule.severity)} chosen={chosen("level")} onChoose={choose("level")} label={(key) => word("web.severity", key)} />
              </aside>
              <div className="sheet">{rows.length === 0 ? <Empty title={t("web.rules.none")} /> : <RuleTable rows={rows} current={url.rule} sort={sort} onSort={(next) => change({ sort: next })} onOpen={(rule) => change({ rule: rule.id })} />}</div>
              {open && <RuleDrawer rule={open} onClose={() => change({ rule: "" })} />}
            </div>
          </div>
        );
      }}
    </Answered>
  );
}

function RuleTable({ rows, current, sort, onSort, onOpen }: { rows: readonly Rule[]; current?: string; sort: string; onSort(sort: string): void; onOpen(rule: Rule): void }) {
  const { t, say, word, language } = useWords();
  const columns: Column<Rule>[] = [
    { key: "severity", title: t("web.queue.severity"), width: 44, sort: "severity", cell: (rule) => <SeverityMark of={rule.severity} /> },
    { key: "title", title: t("web.rules.title"), cell: (rule) => <span title={say(rule.description)}>{say(rule.title)}</span> },
    { key: "id", title: t("web.rules.id"), width: 250, sort: "id", cell: (rule) => <span className="mono">{rule.id}</span> },
    { key: "kind", title: t("web.rules.kind"), width: 76, cell: (rule) => word("web.detection_kind", rule.kind) },
    { key: "status", title: t("web.rules.status"), width: 92, cell: (rule) => <Status of={rule.status} /> },
    { key: "hits", title: t("web.rules.hits"), width: 80, right: true, sort: "hits", cell: (rule) => number(rule.hits, language) },
    { key: "techniques", title: t("web.rules.techniques"), width: 150, cell: (rule) => <span className="mono">{rule.techniques.join(" ")}</span> },
    { key: "logsource", title: t("web.rules.logsource"), width: 190, cell: (rule) => <span className="mono muted">{rule.logsource}</span> },
  ];
  return <DenseTable label={t("web.place.detections")} columns={columns} rows={rows} rowKey={(rule) => rule.id} current={current} sort={sort} onSort={onSort} onOpen={onOpen} minWidth={1040} />;
}

function Status({ of }: { of: string }) {
  const { word } = useWords();
  return (
    <span className={`mark ${TONE[of] ?? ""}`}>
      <span aria-hidden>{SHAPE[of] ?? "○"}</span>
      {word("web.rule_status", of)}
    </span>
  );
}

function RuleDrawer({ rule, onClose }: { rule: Rule; onClose(): void }) {
  const { t, say, word, language } = useWords();
  const tactic = useTactic();
  const facts: [string, string][] = [
    [t("web.rules.id"), rule.id],
    [t("web.rules.maturity"), word("web.maturity", rule.maturity)],
    [t("web.rules.logsource"), rule.logsource],
    [t("web.rules.techniques"), [...rule.tactics.map(tactic), ...rule.techniques].join(" · ")],
    [t("web.rules.units"), rule.units.join(" ")],
    [t("web.rules.author"), rule.author],
    [t("web.rules.licence"), rule.licence],
    [t("web.rules.path"), rule.path],
  ];
  return (
    <SideDrawer name="rule" title={<h2>{say(rule.title)}</h2>} onClose={onClose}>
      <div className="stack wide">
        <div className="row">
          <SeverityMark of={rule.severity} word />
          <Status of={rule.status} />
          <span>{t("web.rules.hits_count", { count: number(rule.hits, language) })}</span>
          <Link to="/queue" search={{ text: rule.id, tab: "all" } as never}>
            {t("web.menu.queue")}
          </Link>
        </div>
        {rule.status !== "live" && <div className="notice warn">{word("web.rule_status_why", rule.status)}</div>}
        <p style={{ margin: 0 }}>{say(rule.description)}</p>
        <dl className="facts">
          {facts
            .filter(([, value]) => value)
            .map(([label, value]) => (
              <div key={label} style={{ display: "contents" }}>
                <dt>{label}</dt>
                <dd className="mono">{value}</dd>
              </div>
            ))}
        </dl>
      </div>
    </SideDrawer>
  );
}
