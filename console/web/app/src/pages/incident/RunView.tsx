import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { useDecide } from "../../api/incidents";
import { useCan } from "../../api/session";
import type { Run, RunStep } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { ProblemView } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";

const TONE: Record<string, string> = { rehearsed: "good", done: "good", finished: "good", waiting_approval: "warn", failed: "bad", rejected: "bad" };

/** One run of a playbook: each step with what it would do, how it is undone and when it ends. */
export function RunView({ run }: { run: Run }) {
  const { t, say, word } = useWords();
  const columns: Column<RunStep>[] = [
    { key: "name", title: t("web.playbook.step"), width: "17%", cell: (step) => say(step.name) },
    { key: "status", title: t("web.playbook.status"), width: 96, cell: (step) => <span className={`mark ${TONE[step.status] ?? ""}`}>{word("web.step_status", step.status)}</span> },
    { key: "effect", title: t("web.playbook.effect"), cell: (step) => <Plan text={say(step.effect)} /> },
    { key: "undo", title: t("web.playbook.undo"), width: "24%", cell: (step) => <Plan text={say(step.undo)} /> },
    { key: "expires", title: t("web.playbook.expires"), width: 120, cell: (step) => <When at={step.expires} /> },
    { key: "by", title: t("web.playbook.by"), width: 80, cell: (step) => step.by },
  ];
  return (
    <section className="panel">
      <div className="row padded">
        <h2 className="grow">{say(run.name) || run.playbook}</h2>
        <span className="mark">{word("web.run_mode", run.mode)}</span>
        <span className={`mark ${TONE[run.status] ?? ""}`}>{word("web.run_status", run.status)}</span>
        <When at={run.started} />
        <span className="muted">{run.by}</span>
      </div>
      {run.pending && <Decision run={run.id} pending={run.pending} />}
      <DenseTable loose label={t("web.playbook.steps")} columns={columns} rows={run.results} rowKey={(step) => step.step} />
    </section>
  );
}

/** The first line is a sentence; what follows are lines as a device would read them. */
function Plan({ text }: { text: string }) {
  const [sentence, ...lines] = text.split("\n");
  return (
    <div style={{ overflowWrap: "anywhere" }}>
      {sentence}
      {lines.length > 0 && (
        <pre className="mono" style={{ margin: "2px 0 0", whiteSpace: "pre-wrap", maxHeight: 160, overflow: "auto" }}>
          {lines.join("\n")}
        </pre>
      )}
    </div>
  );
}

function Decision({ run, pending }: { run: string; pending: NonNullable<Run["pending"]> }) {
  const { t, say } = useWords();
  const [deciding, setDeciding] = useState<boolean | null>(null);
  const [reason, setReason] = useState("");
  const decide = useDecide();
  const can = useCan();
  const confirm = () =>
    decide.mutate({ run, step: pending.step, approve: deciding === true, reason: reason.trim() }, { onSuccess: () => setDeciding(null) });
  return (
    <div className="padded stack" style={{ borderTop: "1px solid var(--line)", background: "color-mix(in srgb, var(--warn) 7%, transparent)" }}>
      <div className="row">
        <span className="mark warn">{t("web.playbook.waits")}</span>
        <div className="grow">
          <strong>{say(pending.name)}</strong>
          <Plan text={say(pending.effect)} />
        </div>
        {can("approve") ? (
          <>
            <Button type="primary" onClick={() => setDeciding(true)}>
              {t("web.playbook.approve")}
            </Button>
            <Button danger onClick={() => setDeciding(false)}>
              {t("web.playbook.reject")}
            </Button>
          </>
        ) : (
          <span className="muted">{t("web.playbook.needs_responder")}</span>
        )}
      </div>
      <Modal
        open={deciding !== null}
        title={t(deciding ? "web.playbook.approve" : "web.playbook.reject")}
        okText={t(deciding ? "web.playbook.approve" : "web.playbook.reject")}
        okButtonProps={{ disabled: !reason.trim(), danger: deciding === false, loading: decide.isPending }}
        onOk={confirm}
        onCancel={() => setDeciding(null)}
        width={460}
      >
        <Plan text={say(pending.effect)} />
        <Input.TextArea autoFocus rows={3} maxLength={1000} placeholder={t("web.playbook.reason")} aria-label={t("web.playbook.reason")} value={reason} onChange={(event) => setReason(event.target.value)} />
        {decide.error && <ProblemView error={decide.error} />}
      </Modal>
    </div>
  );
}
