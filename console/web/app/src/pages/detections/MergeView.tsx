import { App, Button, Segmented } from "antd";
import { useEffect, useState } from "react";
import { asProblem } from "../../api/problem";
import { useDecideMerge, useMerge } from "../../api/rules";
import { useCan } from "../../api/session";
import type { RuleMerge, RulePage } from "../../api/types";
import { SideBySide } from "../../components/code/lazy";
import { ReasonDialog, type ReasonAsked } from "../../components/ReasonDialog";
import { Answered } from "../../components/states";
import { useWords } from "../../i18n";

type Choice = "local" | "upstream" | "merged";

/** Upstream changed a rule that was changed here: what each side did, and which text goes on. */
export function MergeView({ rule, onDone }: { rule: RulePage; onDone(): void }) {
  const answer = useMerge(rule.id);
  return <Answered of={answer}>{(merge) => <Decide rule={rule} merge={merge} onDone={onDone} />}</Answered>;
}

const VIEWS = ["merged", "local", "upstream"] as const;
const MARKER = /^(<{7}|={7}|>{7})/gm;

function Decide({ rule, merge, onDone }: { rule: RulePage; merge: RuleMerge; onDone(): void }) {
  const { t, word } = useWords();
  const { message } = App.useApp();
  const can = useCan();
  const decide = useDecideMerge();
  const [view, setView] = useState<(typeof VIEWS)[number]>("merged");
  const [text, setText] = useState(merge.merged);
  const [ask, setAsk] = useState<ReasonAsked | null>(null);
  useEffect(() => setText(merge.merged), [merge.merged]);
  const open = (text.match(MARKER) ?? []).length;
  const choose = (choice: Choice) =>
    setAsk({
      title: word("web.merge.choice", choice),
      scope: <span className="muted">{word("web.merge.means", choice)}</span>,
      onDone: (reason) =>
        void decide.mutateAsync({ rule: rule.id, choice, source: choice === "merged" ? text : "", reason, version: merge.version, upstream_hash: merge.upstream_hash }).then(
          () => {
            message.success(t("web.merge.done"));
            onDone();
          },
          (error: unknown) => message.error([asProblem(error).message, asProblem(error).next].filter(Boolean).join(" "), 8),
        ),
    });
  return (
    <>
      <div className="bar">
        <Segmented value={view} onChange={setView} options={VIEWS.map((name) => ({ value: name, label: word("web.merge.view", name) }))} />
        <span className={`mark ${open > 0 ? "bad" : "good"}`}>{open > 0 ? t("web.merge.conflicts", { count: Math.ceil(open / 3) }) : t("web.merge.clean")}</span>
        <span className="grow" />
        {can("act") && (
          <>
            <Button onClick={() => choose("local")}>{word("web.merge.choice", "local")}</Button>
            <Button onClick={() => choose("upstream")}>{word("web.merge.choice", "upstream")}</Button>
            <Button type="primary" disabled={open > 0} loading={decide.isPending} onClick={() => choose("merged")}>
              {word("web.merge.choice", "merged")}
            </Button>
          </>
        )}
      </div>
      {view === "merged" && <SideBySide left={{ title: t("web.merge.upstream"), text: merge.upstream }} right={{ title: t("web.merge.merged"), text: merge.merged }} onChange={setText} />}
      {view === "local" && <SideBySide left={{ title: t("web.merge.base"), text: merge.base }} right={{ title: t("web.merge.local"), text: merge.local }} />}
      {view === "upstream" && <SideBySide left={{ title: t("web.merge.base"), text: merge.base }} right={{ title: t("web.merge.upstream"), text: merge.upstream }} />}
      <ReasonDialog ask={ask} onClose={() => setAsk(null)} />
    </>
  );
}
