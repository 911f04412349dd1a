import type { Rule } from "../../api/types";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { told } from "./told";

const HEALTH_TONE: Record<string, string> = { live: "good", partial: "warn", inert: "", parked: "bad", refused: "bad" };
const HEALTH_SHAPE: Record<string, string> = { live: "●", partial: "◐", inert: "○", parked: "■", refused: "✕" };

/** Whether a rule can fire now: a word, a shape, a colour; the reason in the tooltip. */
export function HealthMark({ of, why, why_zh = "" }: { of: string; why: string; why_zh?: string }) {
  const { word, language } = useWords();
  return (
    <span className={`mark ${HEALTH_TONE[of] ?? ""}`} title={[word("web.rule_health_why", of), told(why, why_zh, language)].filter(Boolean).join(language === "zh" ? "：" : ": ")}>
      <span aria-hidden>{HEALTH_SHAPE[of] ?? "○"}</span>
      {word("web.rule_health", of)}
    </span>
  );
}

const STATE_TONE: Record<string, string> = { draft: "accent", stable: "good", retired: "" };
const STATE_SHAPE: Record<string, string> = { draft: "✎", experimental: "△", stable: "✓", retired: "–" };

/** Where a rule is in its life. */
export function StateMark({ of }: { of: string }) {
  const { word } = useWords();
  return (
    <span className={`mark ${STATE_TONE[of] ?? ""}`} title={word("web.rule_state_why", of)}>
      <span aria-hidden>{STATE_SHAPE[of] ?? "○"}</span>
      {word("web.rule_state", of)}
    </span>
  );
}

/** What needs a person's eye beside the state: our change, or upstream's. */
export function ChangeMarks({ rule }: { rule: Pick<Rule, "local" | "upstream_changed"> }) {
  const { t } = useWords();
  return (
    <>
      {rule.upstream_changed && <span className="mark warn">{t("web.rules.upstream_changed")}</span>}
      {rule.local && !rule.upstream_changed && <span className="mark accent">{t("web.rules.local")}</span>}
    </>
  );
}

const WIDTH = 84;
const HEIGHT = 18;

/** Hits of thirty days as small bars; the largest day fills the height. */
export function Spark({ days, from }: { days: readonly number[]; from: string }) {
  const { t, language } = useWords();
  const most = Math.max(1, ...days);
  const step = WIDTH / Math.max(1, days.length);
  const total = days.reduce((sum, count) => sum + count, 0);
  if (total === 0) return <svg className="spark" width={WIDTH} height={HEIGHT} aria-hidden />;
  const label = t("web.rules.spark", { total: number(total, language), most: number(most, language), from });
  return (
    <svg className="spark" width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <title>{label}</title>
      {days.map((count, index) =>
        count > 0 ? <rect key={index} x={index * step} width={Math.max(1, step - 0.8)} y={HEIGHT - Math.max(2, (count / most) * HEIGHT)} height={Math.max(2, (count / most) * HEIGHT)} /> : null,
      )}
    </svg>
  );
}
