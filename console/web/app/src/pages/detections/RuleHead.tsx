import { Link, useNavigate } from "@tanstack/react-router";
import { Button, Dropdown } from "antd";
import { useCan } from "../../api/session";
import type { RulePage, RuleState } from "../../api/types";
import { SeverityMark } from "../../components/Severity";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { useKeys } from "../../keyboard/keys";
import { ChangeMarks, HealthMark, Spark, StateMark } from "./marks";
import { costOf, shareOf } from "./cost";
import { nextStep, wordsOf, type NextStep } from "./nextStep";
import { STATES } from "./ruleRows";
import type { RuleDeed } from "./useRuleDeeds";

const DAY = 86_400_000;
const monthAgo = () => new Date(Date.now() - 29 * DAY).toISOString().slice(0, 10);

interface Props {
  rule: RulePage;
  onDeed(deed: RuleDeed): void;
  onTab(tab: string): void;
}

/** What the rule is called, how it stands, the next step, and what can be done. */
export function RuleHead({ rule, onDeed, onTab }: Props) {
  const { t, say, word, language } = useWords();
  const navigate = useNavigate();
  const can = useCan();
  const acts = can("act");
  const edit = () => void navigate({ to: "/detections/editor", search: { rule: rule.id } as never });
  const copy = () => void navigate({ to: "/detections/editor", search: { copy: rule.id } as never });
  useKeys(
    [
      { keys: "e", label: "web.keys.edit", run: edit },
      { keys: "c", label: "web.keys.copy_rule", run: copy },
    ],
    acts && rule.editable,
  );
  const others = STATES.filter((state) => state !== rule.state);
  return (
    <header className="panel stack" style={{ borderWidth: "0 0 1px", borderRadius: 0, padding: "10px 14px 8px", flex: "none" }}>
      <div className="row" style={{ alignItems: "flex-start" }}>
        <SeverityMark of={rule.severity} word />
        <h1 className="grow">{say(rule.title)}</h1>
        {acts && rule.editable && (
          <>
            <Button onClick={edit}>
              {t("web.rule.edit")} <kbd>e</kbd>
            </Button>
            <Button onClick={copy}>
              {t("web.rule.copy")} <kbd>c</kbd>
            </Button>
          </>
        )}
        {acts && (
          <Button onClick={() => void navigate({ to: "/hunt/retro", search: { of: "rules", what: rule.id } as never })}>{t("web.retro.open")}</Button>
        )}
        {acts && rule.editable && (
          <Button danger={!rule.parked} onClick={() => onDeed({ kind: rule.parked ? "unpark" : "park" })}>
            {word("web.rule_act", rule.parked ? "unpark" : "park")} <kbd>p</kbd>
          </Button>
        )}
        {acts && rule.editable && (
          <Dropdown trigger={["click"]} menu={{ items: others.map((state) => ({ key: state, label: t("web.rules.to_state", { state: word("web.rule_state", state) }), onClick: () => onDeed({ kind: "state", state }) })) }}>
            <Button className="act-menu">
              {t("web.rules.change_state")} <kbd>.</kbd>
            </Button>
          </Dropdown>
        )}
      </div>
      <div className="row wrap">
        <StateMark of={rule.state} />
        <HealthMark of={rule.health} why={rule.why} why_zh={rule.why_zh} />
        <ChangeMarks rule={rule} />
        <span className="mark">{word("web.detection_kind", rule.kind)}</span>
        <span className="muted">{word("web.rule_origin", rule.pack || rule.origin)}</span>
        {rule.parked && (
          <span className="muted">
            {t("web.rule.parked_by", { by: rule.parked.by, reason: rule.parked.reason })} <When at={rule.parked.at} />
          </span>
        )}
        <span className="grow" />
        <Spark days={rule.hits_by_day} from={monthAgo()} />
        <Link to="/queue" search={{ text: rule.id, tab: "all" } as never}>
          {t("web.rule.hits", { month: number(rule.hits_30d, language), all: number(rule.hits, language) })}
        </Link>
        {rule.cost_us !== null && <span title={t("web.rules.cost_share", { share: shareOf(rule, language) || "—" })}>{t("web.rules.cost_each", { cost: costOf(rule, language) })}</span>}
      </div>
      <Next rule={rule} step={nextStep(rule)} onDeed={acts ? onDeed : undefined} onTab={onTab} />
    </header>
  );
}

const FURTHER: Partial<Record<string, RuleState>> = { draft: "experimental", experimental: "stable" };

function Next({ rule, step, onDeed, onTab }: { rule: RulePage; step: NextStep; onDeed?(deed: RuleDeed): void; onTab(tab: string): void }) {
  const { t, word } = useWords();
  const further = FURTHER[rule.state];
  const button = () => {
    if (step.deed === "unpark") return onDeed && <Button onClick={() => onDeed({ kind: "unpark" })}>{word("web.rule_act", "unpark")}</Button>;
    if (step.deed === "promote") return onDeed && further && <Button onClick={() => onDeed({ kind: "state", state: further })}>{t("web.rules.to_state", { state: word("web.rule_state", further) })}</Button>;
    if (step.deed === "") return null;
    return <Button onClick={() => onTab(step.deed)}>{word("web.rule.tab", step.deed)}</Button>;
  };
  return (
    <div className={`next-step ${step.tone}`} role="status">
      <span className="grow">{t(step.key, wordsOf(rule))}</span>
      {button()}
    </div>
  );
}
