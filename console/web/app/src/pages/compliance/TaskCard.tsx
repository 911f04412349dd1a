import { Button, Input } from "antd";
import { useState } from "react";
import { useTaskAct } from "../../api/systems";
import type { SystemTask } from "../../api/types";
import { ProblemView } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";

const TONE = { open: "accent", proved: "warn", closed: "good" } as const;
type Asked = "prove" | "ask_extension" | "note";

/** One repair: who, until when, what was done; only the same check closes it. */
export function TaskCard({ task, writes }: { task: SystemTask; writes: boolean }) {
  const { t, say, word } = useWords();
  const act = useTaskAct();
  const [asked, setAsked] = useState<Asked | "">("");
  const [text, setText] = useState("");
  const [due, setDue] = useState("");
  const done = () => (setAsked(""), setText(""), setDue(""));
  const send = (kind: Asked | "extend" | "refuse_extension") => act.mutate({ task: task.id, kind, text, due, version: task.version }, { onSuccess: done });
  return (
    <article className="alert-item" data-task={task.id}>
      <div className="row wrap">
        <span className={`mark ${task.overdue ? "bad" : TONE[task.status]}`}>{task.overdue ? t("web.systems.is_overdue") : word("paper.task", task.status)}</span>
        <strong>{say(task.title)}</strong>
        {task.asset && <span className="mono">{task.asset}</span>}
        <span className="muted">{t("web.systems.until", { who: task.assignee, due: task.due })}</span>
        {task.wish && <span className="mark warn">{t("web.systems.wished", { due: task.wish })}</span>}
        <span className="grow" />
        {writes && task.status !== "closed" && !asked && (
          <>
            {task.wish ? (
              <>
                <Button size="small" onClick={() => send("extend")}>{t("web.systems.extend")}</Button>
                <Button size="small" onClick={() => send("refuse_extension")}>{t("web.systems.refuse")}</Button>
              </>
            ) : (
              <Button size="small" onClick={() => setAsked("ask_extension")}>{t("web.systems.ask_extension")}</Button>
            )}
            <Button size="small" type="primary" onClick={() => setAsked("prove")}>{t("web.systems.prove")}</Button>
          </>
        )}
      </div>
      {asked && (
        <form
          className="row"
          style={{ marginTop: 6 }}
          onSubmit={(event) => {
            event.preventDefault();
            send(asked);
          }}
        >
          {asked === "ask_extension" && <Input type="date" aria-label={t("web.systems.due")} style={{ width: 150 }} value={due} onChange={(event) => setDue(event.target.value)} />}
          <Input autoFocus aria-label={t(asked === "prove" ? "web.systems.what_done" : "web.systems.reason")} placeholder={t(asked === "prove" ? "web.systems.what_done" : "web.systems.reason")} maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} />
          <Button size="small" onClick={done}>{t("web.systems.cancel")}</Button>
          <Button size="small" type="primary" htmlType="submit" loading={act.isPending} disabled={!text.trim() || (asked === "ask_extension" && !due)}>
            {t(asked === "prove" ? "web.systems.prove_recheck" : "web.systems.ask_extension")}
          </Button>
        </form>
      )}
      {act.error && <ProblemView error={act.error} />}
      <div className="stack tight muted" style={{ fontSize: 12, marginTop: 4 }}>
        {task.history.map((entry, index) => (
          <div key={index} className="row">
            <When at={entry.at} />
            <span>{word("paper.act", entry.kind)}</span>
            <span>{entry.by}</span>
            <span className="clip">{[entry.values.text, entry.values.due].filter(Boolean).map(String).join(" · ")}</span>
          </div>
        ))}
      </div>
    </article>
  );
}
