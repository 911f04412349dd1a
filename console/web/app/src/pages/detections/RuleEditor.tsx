import { Link, useBlocker, useNavigate } from "@tanstack/react-router";
import { App, Button } from "antd";
import { useCallback, useMemo, useRef, useState } from "react";
import { asProblem, type Conflict as BothSides } from "../../api/problem";
import { useChecked, useCreateRule, useSaveRule, useTryOut } from "../../api/rules";
import type { RulePage } from "../../api/types";
import { Code } from "../../components/code/lazy";
import { ReasonDialog, type ReasonAsked } from "../../components/ReasonDialog";
import { ProblemView } from "../../components/states";
import { useWords } from "../../i18n";
import { useKeys } from "../../keyboard/keys";
import { draftOf, keepDraft } from "../../state/drafts";
import { useSettled } from "../../state/useSettled";
import { Conflict } from "./Conflict";
import { Problems } from "./Problems";
import { Outlook } from "./Outlook";

const PAUSE = 400;
const QUIET: Record<string, () => void> = { "Mod-Enter": () => undefined, "Mod-s": () => undefined };

interface Props {
  title: string;
  initial: string;
  /** The name under which the unsaved text is kept. */
  draft: string;
  /** The rule that is changed; none where a new one is made. */
  rule?: RulePage;
}

/** A rule's text, what is wrong with it as it is typed, what it would raise, and its way into the rules. */
export function RuleEditor({ title, initial, draft, rule }: Props) {
  const { t, word, language } = useWords();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [kept] = useState(() => draftOf(draft));
  const [text, setText] = useState(kept ?? initial);
  const [shown, setShown] = useState(text);
  const [goTo, setGoTo] = useState<{ line: number } | null>(null);
  const [ask, setAsk] = useState<ReasonAsked | null>(null);
  const [conflict, setConflict] = useState<BothSides | null>(null);
  const leaving = useRef(false);
  const settled = useSettled(text, PAUSE);
  const checked = useChecked(settled, rule?.id ?? "");
  const tried = useTryOut();
  const create = useCreateRule();
  const save = useSaveRule();
  const dirty = text !== initial;
  const current = settled === text && checked.data !== undefined && !checked.isPlaceholderData && checked.error === null;
  const problems = useMemo(() => (checked.data?.problems ?? []).map((one) => (language === "zh" ? { ...one, message: one.message_zh || one.message, next: one.next_zh || one.next } : one)), [checked.data, language]);
  const errors = problems.filter((problem) => problem.severity === "error").length;

  const type = useCallback(
    (next: string) => {
      setText(next);
      keepDraft(draft, next === initial ? null : next);
    },
    [draft, initial],
  );
  const throwAway = () => {
    keepDraft(draft, null);
    setText(initial);
    setShown(initial);
  };
  const store = async (reason: string, version: number, source: string) => {
    try {
      const page = rule ? await save.mutateAsync({ rule: rule.id, source, reason, version }) : await create.mutateAsync({ source, reason });
      keepDraft(draft, null);
      leaving.current = true;
      message.success(t("web.editor.saved", { version: page.version }));
      await navigate({ to: "/detections/rules/$id", params: { id: page.id }, search: (rule ? { tab: "versions" } : {}) as never });
    } catch (error) {
      const problem = asProblem(error);
      if (problem.conflict) setConflict(problem.conflict);
    }
  };
  const askSave = () => {
    if (ask || conflict || (!dirty && rule)) return;
    setAsk({ title: t("web.editor.save"), scope: <span className="muted">{t(rule ? "web.editor.save_means" : "web.editor.create_means")}</span>, onDone: (reason) => void store(reason, rule?.version ?? 0, text) });
  };
  const tryOut = () => !tried.isPending && tried.mutate({ source: text });
  useKeys([
    { keys: "Ctrl-s", label: "web.keys.save", run: askSave },
    { keys: "Ctrl-Enter", label: "web.keys.try_out", run: tryOut },
  ]);
  useBlocker({ shouldBlockFn: () => false, enableBeforeUnload: () => dirty && !leaving.current });

  const failed = [save.error, create.error].find((error) => error !== null && asProblem(error).conflict === undefined);
  if (conflict && rule) return <Conflict conflict={conflict} busy={save.isPending} onBack={() => setConflict(null)} onSave={(source, reason) => void store(reason, conflict.version, source)} />;
  return (
    <div className="page">
      <div className="bar">
        <h1 className="clip">{title}</h1>
        {checked.error === null && <Status pending={!current} errors={errors} warnings={problems.length - errors} />}
        <span className="grow" />
        <Button loading={tried.isPending} disabled={current && errors > 0} onClick={tryOut}>
          {t("web.editor.try_out")} <kbd>{t("web.editor.try_key")}</kbd>
        </Button>
        <Button type="primary" loading={save.isPending || create.isPending} disabled={(rule !== undefined && !dirty) || (current && errors > 0)} onClick={askSave}>
          {t("web.editor.save")} <kbd>{t("web.editor.save_key")}</kbd>
        </Button>
        {rule ? (
          <Link to="/detections/rules/$id" params={{ id: rule.id }}>
            {t("web.editor.leave")}
          </Link>
        ) : (
          <Link to="/detections">{t("web.editor.leave")}</Link>
        )}
      </div>
      {kept !== null && kept !== initial && dirty && (
        <div className="notice warn">
          <span className="grow">{t("web.editor.kept")}</span>
          <Button onClick={throwAway}>{t("web.editor.throw_away")}</Button>
        </div>
      )}
      {failed != null && <ProblemView error={failed} />}
      {checked.error !== null && <ProblemView error={checked.error} onRetry={() => void checked.refetch()} />}
      <div className="split">
        <div className="page grow">
          <div className="grow" style={{ minHeight: 0 }}>
            <Code value={shown} label={t("web.editor.text")} marks={problems} goTo={goTo} onChange={type} keys={QUIET} />
          </div>
          <Problems problems={problems} onGo={(line) => setGoTo({ line })} />
        </div>
        <Outlook checked={checked.data} tried={tried} stale={tried.variables !== undefined && tried.variables.source !== text} />
      </div>
      <ReasonDialog ask={ask} onClose={() => setAsk(null)} />
      <span className="hidden" role="status">
        {current ? word("web.editor.state", errors > 0 ? "wrong" : "right") : ""}
      </span>
    </div>
  );
}

function Status({ pending, errors, warnings }: { pending: boolean; errors: number; warnings: number }) {
  const { t } = useWords();
  if (pending) return <span className="mark">{t("web.editor.checking")}</span>;
  if (errors > 0) return <span className="mark bad">{`✕ ${t("web.editor.errors", { count: errors })}`}</span>;
  if (warnings > 0) return <span className="mark warn">{`△ ${t("web.editor.warnings", { count: warnings })}`}</span>;
  return <span className="mark good">{`✓ ${t("web.editor.right")}`}</span>;
}
