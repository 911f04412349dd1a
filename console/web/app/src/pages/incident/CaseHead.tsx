import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Input, Modal } from "antd";
import { useCan } from "../../api/session";
import type { ActKind, ActValues, Bucket, Case } from "../../api/types";
import { RunMark } from "../../components/RunMark";
import { SeverityMark } from "../../components/Severity";
import { StatusMark } from "../../components/StatusMark";
import { Between, When } from "../../components/When";
import { useWords } from "../../i18n";
import { ActBar } from "../queue/ActBar";
import { StageRow } from "./StageRow";

interface Props {
  item: Case;
  onAct(kind: ActKind, values?: ActValues): void;
  onCloseIncident(): void;
  onMerge(): void;
  tactics: readonly Bucket[];
}

/** What happened in one sentence, where it stands, and what can be done. */
export function CaseHead({ item, onAct, onCloseIncident, onMerge, tactics }: Props) {
  const { t, say, word } = useWords();
  const can = useCan();
  const ours = item.entities.find((entity) => entity.internal);
  const [noting, setNoting] = useState(false);
  const [note, setNote] = useState("");
  const save = () => {
    if (note.trim()) onAct("note", { text: note.trim() });
    setNoting(false);
    setNote("");
  };
  return (
    <header className="panel" style={{ borderWidth: "0 0 1px", borderRadius: 0, padding: "10px 14px 8px" }}>
      <div className="row" style={{ alignItems: "flex-start" }}>
        <SeverityMark of={item.severity} word />
        <h1 className="grow">{say(item.title)}</h1>
        {can("act") && <Button onClick={onMerge}>{t("web.regroup.merge_ask")}</Button>}
        {can("act") && <Button onClick={() => setNoting(true)}>{t("web.act.note")}</Button>}
        <ActBar closed={item.status === "closed"} escalated={item.escalated} onAct={onAct} onAssign={(owner) => onAct("assign", { owner })} onCloseIncident={onCloseIncident} />
      </div>
      <div className="row wrap" style={{ marginTop: 4 }}>
        <StatusMark of={item} />
        {item.escalated && <span className="mark warn">{t("web.queue.escalated")}</span>}
        {item.grown && <span className="mark warn">{t("web.queue.grown")}</span>}
        {item.learning && (
          <span className="mark" title={t("web.queue_mark.learning_why")}>
            {t("web.queue_mark.learning")}
          </span>
        )}
        <RunMark run={item.run} link />
        <span className="muted">{item.owner ? t("web.incident.owner", { name: item.owner }) : t("web.incident.no_owner")}</span>
        <span className="muted">·</span>
        <When at={item.first} />
        <span className="muted">→</span>
        <When at={item.last} />
        <span className="muted">
          (<Between first={item.first} last={item.last} />)
        </span>
        {item.similar_open > 0 && ours && (
          <Link to="/entities/$kind/$value" params={{ kind: ours.kind, value: ours.value }}>
            {t("web.incident.similar", { count: item.similar_open })}
          </Link>
        )}
        {item.status === "closed" && item.verdict_reason && <span>{t("web.incident.verdict", { verdict: word("web.verdict", item.verdict ?? ""), reason: item.verdict_reason })}</span>}
      </div>
      <StageRow stages={item.stages} tactics={tactics} />
      <Modal open={noting} title={t("web.act.note")} okText={t("web.act.note_save")} onOk={save} onCancel={() => setNoting(false)} width={460}>
        <Input.TextArea autoFocus rows={4} maxLength={4000} value={note} aria-label={t("web.act.note")} onChange={(event) => setNote(event.target.value)} />
      </Modal>
    </header>
  );
}
