import { Link } from "@tanstack/react-router";
import { useRule } from "../../api/rules";
import { Answered } from "../../components/states";
import { GuidanceView } from "../../components/GuidanceView";
import { SeverityMark } from "../../components/Severity";
import { SideDrawer } from "../../components/SideDrawer";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { ChangeMarks, HealthMark, StateMark } from "./marks";
import { nextStep, wordsOf } from "./nextStep";
import { RuleFacts } from "./RuleFacts";
import { costOf } from "./cost";

/** A rule in short, over the list: what it means, how it does, what it says of itself. */
export function RuleDrawer({ id, onClose }: { id: string; onClose(): void }) {
  const { t, say, language } = useWords();
  const answer = useRule(id);
  const rule = answer.data;
  const title = rule && (
    <div className="stack tight">
      <Link to="/detections/rules/$id" params={{ id }}>
        <h2>{say(rule.title)}</h2>
      </Link>
      <div className="row wrap">
        <SeverityMark of={rule.severity} word />
        <StateMark of={rule.state} />
        <HealthMark of={rule.health} why={rule.why} why_zh={rule.why_zh} />
        <ChangeMarks rule={rule} />
      </div>
    </div>
  );
  return (
    <SideDrawer name="rule" title={title} onClose={onClose}>
      <Answered of={answer}>
        {(page) => {
          const next = nextStep(page);
          return (
            <div className="stack wide">
              <div className={`next-step ${next.tone}`}>{t(next.key, wordsOf(page))}</div>
              <p style={{ margin: 0 }}>{say(page.description)}</p>
              <div className="row wrap" style={{ gap: 16 }}>
                <Link to="/queue" search={{ text: page.id, tab: "all" } as never}>
                  {t("web.rules.hits_count", { count: number(page.hits, language) })}
                </Link>
                {page.cost_us !== null && <span>{t("web.rules.cost_each", { cost: costOf(page, language) })}</span>}
                <Link to="/detections/rules/$id" params={{ id }}>
                  {t("web.rules.whole_page")}
                </Link>
              </div>
              {page.guidance && <GuidanceView guidance={page.guidance} />}
              <RuleFacts rule={page} />
            </div>
          );
        }}
      </Answered>
    </SideDrawer>
  );
}
