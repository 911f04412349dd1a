import type { useTryOut } from "../../api/rules";
import type { CheckedText } from "../../api/types";
import { SeverityMark } from "../../components/Severity";
import { ProblemView } from "../../components/states";
import { useTactic, useWords } from "../../i18n";
import { BackTestResult } from "./BackTestResult";
import { flatText } from "./eventText";
import { HealthMark } from "./marks";
import { told } from "./told";

/** Beside the text: the rules as they would be loaded, their samples, and what recent events say. */
export function Outlook({ checked, tried, stale }: { checked: CheckedText | undefined; tried: ReturnType<typeof useTryOut>; stale: boolean }) {
  const { t } = useWords();
  return (
    <aside style={{ width: 440, flex: "none", overflow: "auto", borderLeft: "1px solid var(--faint)", background: "var(--panel)", padding: "10px 12px" }} aria-label={t("web.editor.outlook")}>
      <div className="stack wide">
        <section className="stack tight">
          <h2>{t("web.editor.as_loaded")}</h2>
          {checked && checked.rules.length > 0 ? checked.rules.map((rule) => <AsLoaded key={rule.id} rule={rule} />) : <span className="muted">{t("web.editor.none_loaded")}</span>}
        </section>
        {checked && checked.samples.length > 0 && (
          <section className="stack tight">
            <h2>{t("web.samples.title")}</h2>
            {checked.samples.map((sample) => (
              <details key={`${sample.rule} ${sample.kind} ${sample.number}`}>
                <summary className="row" style={{ cursor: "pointer" }}>
                  <SampleLine sample={sample} />
                </summary>
                <pre className="sample-event">{flatText(sample.event)}</pre>
              </details>
            ))}
          </section>
        )}
        <section className="stack tight">
          <h2>{t("web.editor.recent")}</h2>
          {tried.error !== null && <ProblemView error={tried.error} />}
          {tried.isPending && <span className="muted">{t("web.editor.trying")}</span>}
          {!tried.data && !tried.isPending && tried.error === null && <span className="muted">{t("web.editor.not_tried")}</span>}
          {tried.data && (
            <>
              {stale && <span className="mark warn">{t("web.editor.stale")}</span>}
              <BackTestResult of={tried.data} short />
            </>
          )}
        </section>
      </div>
    </aside>
  );
}

function AsLoaded({ rule }: { rule: CheckedText["rules"][number] }) {
  const { t, say, language } = useWords();
  const tactic = useTactic();
  return (
    <div className="stack tight">
      <div className="row">
        <SeverityMark of={rule.severity} />
        <strong className="grow">{say(rule.title)}</strong>
        <HealthMark of={rule.health} why={rule.why} why_zh={rule.why_zh} />
      </div>
      <div className="muted">{[...rule.tactics.map(tactic), ...rule.techniques].join(" · ")}</div>
      <div className="mono muted">{rule.logsource}</div>
      {rule.why && rule.health !== "live" && <div>{told(rule.why, rule.why_zh, language)}</div>}
      {rule.missing.length > 0 && <div>{t("web.editor.missing", { fields: rule.missing.join(", ") })}</div>}
    </div>
  );
}

function SampleLine({ sample }: { sample: CheckedText["samples"][number] }) {
  const { t, word } = useWords();
  return (
    <>
      <span className={`mark ${sample.ok ? "good" : "bad"}`}>
        <span aria-hidden>{sample.ok ? "✓" : "✕"}</span>
        {t(sample.ok ? "web.samples.holds" : "web.samples.fails")}
      </span>
      <span>{`${word("web.sample_kind", sample.kind)} ${sample.number}`}</span>
    </>
  );
}
