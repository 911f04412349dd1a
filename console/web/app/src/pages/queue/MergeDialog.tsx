import { Modal } from "antd";
import { useState } from "react";
import type { CaseRow } from "../../api/types";
import { ReasonInput } from "../../components/ReasonInput";
import { SeverityMark } from "../../components/Severity";
import { useWords } from "../../i18n";

interface Props {
  rows: readonly CaseRow[];
  onClose(): void;
  onDone(reason: string): void;
}

/** Says which incidents become one, and with how many alerts, before it happens. */
export function MergeDialog({ rows, onClose, onDone }: Props) {
  const { t, say } = useWords();
  const [reason, setReason] = useState("");
  const finish = () => {
    onDone(reason.trim());
    onClose();
  };
  return (
    <Modal open title={t("web.groups.merge_title", { count: rows.length })} okText={t("web.groups.merge")} onOk={finish} onCancel={onClose} width={620}>
      <div className="stack tight">
        <p className="muted">{t("web.groups.merge_scope", { alerts: rows.reduce((sum, row) => sum + row.alerts, 0) })}</p>
        {rows.map((row) => (
          <div key={row.id} className="row" style={{ gap: 6 }}>
            <SeverityMark of={row.severity} />
            <span className="sentence" title={say(row.title)}>
              {say(row.title)}
            </span>
          </div>
        ))}
        <ReasonInput autoFocus label={t("web.groups.reason")} value={reason} onChange={setReason} onFinish={finish} />
      </div>
    </Modal>
  );
}
