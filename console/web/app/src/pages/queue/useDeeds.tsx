import { App, Button } from "antd";
import { useRef } from "react";
import { useAct, useBulkAct, useMerge } from "../../api/incidents";
import { asProblem } from "../../api/problem";
import type { ActKind, ActValues, SplitDone, Target } from "../../api/types";
import { useWords } from "../../i18n";

/** Acts on one or many incidents; says what was done, to how many, and offers to take it back. */
export function useDeeds() {
  const { t, word } = useWords();
  const { message, modal } = App.useApp();
  const one = useAct();
  const many = useBulkAct();
  const merging = useMerge();
  const last = useRef<Target[]>([]);

  /** Takes back the last act of this page, also where it moved incidents out of the list. */
  const undo = async () => {
    const items = last.current;
    if (items.length === 0) return void message.info(t("web.act.nothing_to_undo"));
    await act(items, "undo");
  };

  const act = async (targets: Target[], kind: ActKind, values: ActValues = {}): Promise<void> => {
    if (targets.length === 0) return;
    try {
      const only = targets.length === 1 ? targets[0] : undefined;
      let after: Target[];
      let failed = 0;
      if (only) {
        const done = await one.mutateAsync({ target: only, kind, values });
        after = [{ id: done.id, version: done.version }];
      } else {
        const result = await many.mutateAsync({ items: targets, kind, values });
        after = targets.filter((target) => result.done.includes(target.id)).map((target) => ({ id: target.id, version: target.version + 1 }));
        failed = result.failed.length;
      }
      last.current = kind === "undo" ? [] : after;
      message.open({
        type: failed ? "warning" : "success",
        duration: 6,
        content: (
          <>
            {failed ? t("web.act.done_partly", { act: word("web.act", kind), count: after.length, failed }) : t("web.act.done", { act: word("web.act", kind), count: after.length })}
            {kind !== "undo" && (
              <Button type="link" onClick={() => void act(after, "undo")}>
                {t("web.act.undo")}
              </Button>
            )}
          </>
        ),
      });
    } catch (error) {
      tell(error);
    }
  };
  const tell = (error: unknown) => {
    const problem = asProblem(error);
    const known = word("web.problem", problem.code);
    message.error(known !== problem.code ? known : [problem.message, problem.next].filter(Boolean).join(" "), 8);
  };
  /** What was done to an incident, with the way back. */
  const offerUndo = (text: string, after: Target) => {
    last.current = [after];
    message.open({
      type: "success",
      duration: 6,
      content: (
        <>
          {text}
          <Button type="link" onClick={() => void act([after], "undo")}>
            {t("web.act.undo")}
          </Button>
        </>
      ),
    });
  };
  const merge = async (items: Target[], reason: string) => {
    const told = message.loading(t("web.groups.working"), 0);
    try {
      const done = await merging.mutateAsync({ items, reason });
      offerUndo(t("web.groups.merged", { count: items.length }), { id: done.id, version: done.version });
    } catch (error) {
      tell(error);
    } finally {
      told();
    }
  };
  const split = async (run: () => Promise<SplitDone>, count: number) => {
    const told = message.loading(t("web.groups.working"), 0);
    try {
      const done = await run();
      offerUndo(t("web.groups.parted", { count }), { id: done.kept.id, version: done.version });
    } catch (error) {
      tell(error);
    } finally {
      told();
    }
  };
  /** Before many are changed at once, say how many and which. */
  const askThenAct = async (targets: Target[], kind: ActKind, scope: string): Promise<boolean> => {
    if (targets.length > 1) {
      const agreed = await modal.confirm({
        title: t("web.act.many_title", { act: word("web.act", kind), count: targets.length }),
        content: scope,
        okText: word("web.act", kind),
      });
      if (!agreed) return false;
    }
    await act(targets, kind);
    return true;
  };
  return { act, askThenAct, merge, split, undo };
}
