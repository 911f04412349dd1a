import { App, Button } from "antd";
import { useRef } from "react";
import { asProblem } from "../../api/problem";
import { useRuleActs } from "../../api/rules";
import type { Rule, RuleActItem, RuleState } from "../../api/types";
import { useWords } from "../../i18n";

export type RuleDeed = { kind: "park" } | { kind: "unpark" } | { kind: "state"; state: RuleState };

/** Parks, unparks and moves rules on; says what was done, to how many, and offers to take it back. */
export function useRuleDeeds() {
  const { t, word } = useWords();
  const { message } = App.useApp();
  const acts = useRuleActs();
  const undoable = useRef<RuleActItem[]>([]);
  const told = (deed: RuleDeed) => (deed.kind === "state" ? t("web.rules.to_state", { state: word("web.rule_state", deed.state) }) : word("web.rule_act", deed.kind));

  const send = async (items: RuleActItem[], reason: string, name: string, undoing: boolean): Promise<void> => {
    try {
      const result = await acts.mutateAsync({ items, reason });
      undoable.current = undoing ? [] : result.undo;
      const first = result.failed[0];
      const why = first ? [first.problem.what, first.problem.next].filter(Boolean).join(" ") : "";
      message.open({
        key: "rule-act",
        type: result.failed.length > 0 ? "warning" : "success",
        duration: 8,
        content: (
          <>
            {result.failed.length > 0 ? t("web.rules.done_partly", { act: name, count: result.done.length, failed: result.failed.length, why }) : t("web.act.done", { act: name, count: result.done.length })}
            {!undoing && result.undo.length > 0 && (
              <Button type="link" onClick={() => void undo()}>
                {t("web.act.undo")}
              </Button>
            )}
          </>
        ),
      });
    } catch (error) {
      const problem = asProblem(error);
      const known = word("web.problem", problem.code);
      message.error(known !== problem.code ? known : [problem.message, problem.next].filter(Boolean).join(" "), 8);
    }
  };
  /** Takes back the last act of this page. */
  const undo = async () => {
    if (undoable.current.length === 0) return void message.info(t("web.act.nothing_to_undo"));
    await send(undoable.current, t("web.rules.undo_reason"), t("web.act.undo"), true);
  };
  const act = (rules: readonly Rule[], deed: RuleDeed, reason: string) =>
    send(
      rules.map((rule) => ({ id: rule.id, kind: deed.kind, state: deed.kind === "state" ? deed.state : null, revision: rule.revision })),
      reason,
      told(deed),
      false,
    );
  return { act, undo, told, busy: acts.isPending };
}
