import { App, Button } from "antd";
import { asProblem } from "../../api/problem";
import { useDropSample } from "../../api/rules";
import { useCan } from "../../api/session";
import type { RuleSample } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Empty } from "../../components/states";
import { useWords } from "../../i18n";
import { flatText } from "./eventText";

/** Events that must and must not be met, and whether that holds now. */
export function Samples({ samples }: { samples: readonly RuleSample[] }) {
  const { t, word } = useWords();
  const { message } = App.useApp();
  const can = useCan();
  const drop = useDropSample();
  const away = (rule: string, number: number) =>
    void drop.mutateAsync({ rule, number }).then(
      () => message.success(t("web.samples.dropped")),
      (error: unknown) => message.error(asProblem(error).message, 8),
    );
  if (samples.length === 0) return <Empty title={t("web.samples.none")} next={t("web.samples.none_next")} />;
  const failing = samples.filter((sample) => !sample.ok).length;
  const columns: Column<RuleSample>[] = [
    { key: "number", title: t("web.samples.number"), width: 50, right: true, cell: (sample) => sample.number },
    { key: "kind", title: t("web.samples.kind"), width: 120, cell: (sample) => word("web.sample_kind", sample.kind) },
    { key: "fired", title: t("web.samples.fired"), width: 100, cell: (sample) => t(sample.fired ? "web.samples.did_fire" : "web.samples.did_not") },
    {
      key: "ok",
      title: t("web.samples.result"),
      width: 90,
      cell: (sample) => (
        <span className={`mark ${sample.ok ? "good" : "bad"}`}>
          <span aria-hidden>{sample.ok ? "✓" : "✕"}</span>
          {t(sample.ok ? "web.samples.holds" : "web.samples.fails")}
        </span>
      ),
    },
    { key: "event", title: t("web.samples.event"), cell: (sample) => <pre className="sample-event">{flatText(sample.event)}</pre> },
    {
      key: "acts",
      title: "",
      width: 90,
      cell: (sample) => {
        const { kept } = sample;
        return typeof kept === "number" && can("act") ? <Button onClick={() => away(sample.rule, kept)}>{t("web.samples.drop")}</Button> : null;
      },
    },
  ];
  return (
    <section className="panel">
      <h2 className="row">
        <span className="grow">{t("web.samples.title")}</span>
        <span className={`mark ${failing ? "bad" : "good"}`}>{failing ? t("web.samples.some_fail", { failing, count: samples.length }) : t("web.samples.all_hold", { count: samples.length })}</span>
      </h2>
      <DenseTable loose label={t("web.samples.title")} columns={columns} rows={samples} rowKey={(sample) => `${sample.rule} ${sample.kind} ${sample.number}`} />
    </section>
  );
}
