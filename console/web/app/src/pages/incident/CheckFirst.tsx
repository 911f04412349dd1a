import { Button, Input, Modal } from "antd";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useGuidances } from "../../api/rules";
import { useCan } from "../../api/session";
import type { Alert, AlertGuidance, Case, Guidance } from "../../api/types";
import { around, Credit, Questions } from "../../components/GuidanceView";
import { ProblemView } from "../../components/states";
import { useWords } from "../../i18n";
import { SEVERITIES } from "../../theme/severity";
import { isAnswered, noteOf } from "./answers";

const AT_MOST = 5;

/** One alert a rule, the worst rules first: their questions are asked once. */
export function oneEach(alerts: readonly Alert[]): Alert[] {
  const first = new Map<string, Alert>();
  for (const alert of [...alerts].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.fidelity - a.fidelity)) {
    if (!first.has(alert.rule)) first.set(alert.rule, alert);
  }
  return [...first.values()];
}

/** What to look at first: the questions of the rules that spoke, with their queries, answered or not. */
export function CheckFirst({ item, onNote }: { item: Case; onNote(text: string): void }) {
  const { t } = useWords();
  const [most, setMost] = useState(AT_MOST);
  const [asked, setAsked] = useState("");
  const all = oneEach(item.alert_items);
  const alerts = all.slice(0, most);
  const answers = useGuidances(alerts.map((alert) => alert.id));
  const guided = alerts.flatMap((alert, index) => {
    const found = answers[index]?.data;
    return found?.guidance && found.guidance.check.length > 0 ? [{ alert, found, guidance: found.guidance }] : [];
  });
  const failed = answers.find((answer) => answer.error !== null);
  return (
    <section className="stack">
      <h2>{t("web.guide.check")}</h2>
      {failed && <ProblemView error={failed.error} onRetry={() => void failed.refetch()} />}
      {guided.length === 0 && !failed && <span className="muted">{t(answers.some((answer) => answer.isPending) ? "web.state.loading" : "web.guide.no_questions")}</span>}
      {guided.map(({ alert, found, guidance }) => (
        <OfRule key={alert.rule} alert={alert} found={found} guidance={guidance} item={item} onAnswer={setAsked} />
      ))}
      {all.length > most && <Button onClick={() => setMost(all.length)}>{t("web.guide.more_rules", { count: all.length - most })}</Button>}
      <Answer question={asked} onClose={() => setAsked("")} onDone={(text) => onNote(noteOf(asked, text))} />
    </section>
  );
}

interface OfRuleProps {
  alert: Alert;
  found: AlertGuidance;
  guidance: Guidance;
  item: Case;
  onAnswer(question: string): void;
}

function OfRule({ alert, found, guidance, item, onAnswer }: OfRuleProps) {
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
        <Link to="/detections/rules/$id" params={{ id: alert.rule }}>
          {say(found.title)}
        </Link>
        <div style={{ fontSize: 12 }}>
          <Credit author={found.author} licence={found.licence} />
        </div>
      </div>
      <Questions guidance={guidance} when={around(alert.first, alert.last)} beside={beside} />
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
