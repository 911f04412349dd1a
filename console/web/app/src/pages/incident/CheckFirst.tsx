import { Button, Input, Modal } from "antd";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useGuidances } from "../../api/rules";
import { useCan } from "../../api/session";
import type { AlertGuidance, Case, Guidance, StoryKind } from "../../api/types";
import { around, Credit, Questions } from "../../components/GuidanceView";
import { ProblemView } from "../../components/states";
import { useWords } from "../../i18n";
import { isAnswered, noteOf } from "./answers";

/** Rules whose questions are asked at first. */
export const CHECKED = 5;

/** What to look at first: the questions of the rules that spoke, with their queries, answered or not. */
export function CheckFirst({ item, kinds, onNote }: { item: Case; kinds: readonly StoryKind[]; onNote(text: string): void }) {
  const { t } = useWords();
  const [most, setMost] = useState(CHECKED);
  const [asked, setAsked] = useState("");
  const asking = kinds.slice(0, most);
  const answers = useGuidances(asking.map((kind) => kind.alert));
  const guided = unlike(
    asking.flatMap((kind, index) => {
      const found = answers[index]?.data;
      return found?.guidance ? [{ kind, found, guidance: found.guidance }] : [];
    }),
  );
  const failed = answers.find((answer) => answer.error !== null);
  return (
    <section className="stack">
      <h2>{t("web.guide.check")}</h2>
      {failed && <ProblemView error={failed.error} onRetry={() => void failed.refetch()} />}
      {guided.length === 0 && !failed && <span className="muted">{t(answers.some((answer) => answer.isPending) ? "web.state.loading" : "web.guide.no_questions")}</span>}
      {guided.map(({ kind, found, guidance }) => (
        <OfRule key={kind.rule} kind={kind} found={found} guidance={guidance} item={item} onAnswer={setAsked} />
      ))}
      {kinds.length > most && <Button onClick={() => setMost(most + CHECKED)}>{t("web.guide.more_rules", { count: kinds.length - most })}</Button>}
      <Answer question={asked} onClose={() => setAsked("")} onDone={(text) => onNote(noteOf(asked, text))} />
    </section>
  );
}

/** Each question with its query once, under the rule that asks it first; rules without one are left out. */
export function unlike<Asked extends { guidance: Guidance }>(asked: readonly Asked[]): Asked[] {
  const known = new Set<string>();
  const fresh = asked.map((one) => {
    const check = one.guidance.check.filter((each) => !known.has(sameAs(each)));
    for (const each of check) known.add(sameAs(each));
    return { ...one, guidance: { ...one.guidance, check } };
  });
  return fresh.filter((one) => one.guidance.check.length > 0);
}

const sameAs = (one: Guidance["check"][number]) => `${one.question.en}\n${one.query}`;

interface OfRuleProps {
  kind: StoryKind;
  found: AlertGuidance;
  guidance: Guidance;
  item: Case;
  onAnswer(question: string): void;
}

function OfRule({ kind, found, guidance, item, onAnswer }: OfRuleProps) {
  const { t, say } = useWords();
  const can = useCan();
  const beside = (question: string) => {
    if (isAnswered(item.history, question)) return <span className="mark good">{`✓ ${t("web.guide.answered")}`}</span>;
    if (!can("act")) return <span className="mark">{t("web.guide.open")}</span>;
    return (
      <button type="button" className="plain" style={{ color: "var(--accent)", whiteSpace: "nowrap" }} onClick={() => onAnswer(question)}>
        {t("web.guide.answer")}
      </button>
    );
  };
  return (
    <div className="guide">
      <div>
        {found.origin === "foreign" ? (
          <strong>{say(found.title)}</strong>
        ) : (
          <Link to="/detections/rules/$id" params={{ id: kind.rule }}>
            {say(found.title)}
          </Link>
        )}
        <div style={{ fontSize: 12 }}>
          <Credit author={found.author} licence={found.licence} />
        </div>
      </div>
      <Questions guidance={guidance} when={around(kind.first, kind.last)} beside={beside} />
    </div>
  );
}

function Answer({ question, onClose, onDone }: { question: string; onClose(): void; onDone(text: string): void }) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const finish = () => {
    if (!text.trim()) return;
    onDone(text.trim());
    setText("");
    onClose();
  };
  return (
    <Modal open={question !== ""} title={t("web.guide.answer_title")} okText={t("web.act.note_save")} okButtonProps={{ disabled: !text.trim() }} onOk={finish} onCancel={onClose} width={480} destroyOnHidden>
      <div className="stack">
        <strong>{question}</strong>
        <Input.TextArea autoFocus rows={3} maxLength={2000} value={text} aria-label={t("web.guide.answer_title")} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && finish()} />
        <span className="muted">{t("web.guide.answer_means")}</span>
      </div>
    </Modal>
  );
}
