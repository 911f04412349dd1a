import { Link } from "@tanstack/react-router";
import type { Rule } from "../../api/types";
import type { Column } from "../../components/DenseTable";
import { SeverityMark } from "../../components/Severity";
import type { Words } from "../../i18n";
import { number } from "../../i18n/format";
import { costOf, shareOf } from "./cost";
import { ChangeMarks, HealthMark, Spark, StateMark } from "./marks";

/** `windows · process_creation`; models name their datasets instead. */
const shortSource = (rule: Rule) => [rule.platform, rule.category, rule.service].filter(Boolean).join(" · ") || rule.logsource;

/** Columns of the rules; the title takes what width is left. */
export function ruleColumns({ t, say, language }: Words, from: string): Column<Rule>[] {
  return [
    { key: "severity", title: t("web.queue.severity"), width: 42, sort: "severity", cell: (rule) => <SeverityMark of={rule.severity} /> },
    {
      key: "title",
      title: t("web.rules.title"),
      sort: language === "zh" ? "title" : "title_en",
      cell: (rule) => (
        <span className="row" style={{ gap: 6 }}>
          <Link to="/detections/rules/$id" params={{ id: rule.id }} className="clip" style={{ color: "inherit" }} title={say(rule.title)}>
            {say(rule.title)}
          </Link>
          <ChangeMarks rule={rule} />
        </span>
      ),
    },
    { key: "state", title: t("web.rules.state"), width: 110, sort: "state", cell: (rule) => <StateMark of={rule.state} /> },
    { key: "health", title: t("web.rules.health"), width: 96, sort: "health", cell: (rule) => <HealthMark of={rule.health} why={rule.why} why_zh={rule.why_zh} /> },
    {
      key: "hits",
      title: t("web.rules.hits_both"),
      width: 164,
      sort: "hits",
      cell: (rule) => (
        <span className="row" style={{ gap: 6 }}>
          <Spark days={rule.hits_by_day} from={from} />
          <span className="grow right">
            {number(rule.hits_30d, language)}
            <span className="muted">{` / ${number(rule.hits, language)}`}</span>
          </span>
        </span>
      ),
    },
    {
      key: "cost",
      title: t("web.rules.cost"),
      width: 84,
      right: true,
      sort: "cost",
      cell: (rule) => (rule.cost_us === null ? <span className="muted">—</span> : <span title={t("web.rules.cost_share", { share: shareOf(rule, language) || "—" })}>{costOf(rule, language)}</span>),
    },
    { key: "techniques", title: t("web.rules.techniques"), width: 132, cell: (rule) => <span className="mono" title={rule.techniques.join(" ")}>{rule.techniques.join(" ")}</span> },
    { key: "logsource", title: t("web.rules.logsource"), width: 150, cell: (rule) => <span className="mono muted" title={rule.logsource}>{shortSource(rule)}</span> },
  ];
}
