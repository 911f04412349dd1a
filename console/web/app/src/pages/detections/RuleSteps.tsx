import type { RulePage, RuleStep } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Empty } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";

/** Who changed what of the rule, and why; nothing is ever overwritten. */
export function RuleSteps({ rule }: { rule: RulePage }) {
  const { t, word } = useWords();
  if (rule.history.length === 0) return <Empty title={t("web.rule.no_history")} />;
  const told = (step: RuleStep, value: string) => (step.kind === "state" ? word("web.rule_state", value) : word("web.rule_running", value));
  const columns: Column<RuleStep>[] = [
    { key: "at", title: t("web.history.at"), width: 130, cell: (step) => <When at={step.at} /> },
    { key: "by", title: t("web.history.by"), width: 130, cell: (step) => step.by },
    { key: "kind", title: t("web.history.act"), width: 130, cell: (step) => word("web.rule_act", step.kind) },
    { key: "change", title: t("web.rule.change"), width: 240, cell: (step) => (step.before || step.after ? `${told(step, step.before) || "—"} → ${told(step, step.after) || "—"}` : "") },
    { key: "reason", title: t("web.rule.reason"), cell: (step) => step.reason },
  ];
  return (
    <section className="panel">
      <DenseTable loose label={t("web.history.label")} columns={columns} rows={rule.history} rowKey={(step) => step.at + step.kind + step.after} />
    </section>
  );
}
