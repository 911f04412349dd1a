import type { RulePage } from "../../api/types";
import { GuidanceView } from "../../components/GuidanceView";
import { useWords } from "../../i18n";
import { RuleFacts } from "./RuleFacts";

/** What the rule looks for and what to do with its alerts; beside it what it says of itself. */
export function RuleAbout({ rule }: { rule: RulePage }) {
  const { t, say } = useWords();
  return (
    <div className="row" style={{ alignItems: "flex-start", gap: 12 }}>
      <section className="panel grow">
        <h2>{t("web.guide.title")}</h2>
        <div className="padded stack wide">
          <p style={{ margin: 0 }}>{say(rule.description) || t("web.rule.no_description")}</p>
          {rule.guidance ? <GuidanceView guidance={rule.guidance} /> : <p className="muted" style={{ margin: 0 }}>{t("web.guide.none")}</p>}
        </div>
      </section>
      <section className="panel" style={{ width: 440, flex: "none" }}>
        <h2>{t("web.rule.facts")}</h2>
        <div className="padded stack">
          <RuleFacts rule={rule} page={rule} />
        </div>
      </section>
    </div>
  );
}
