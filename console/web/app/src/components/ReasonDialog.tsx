import { Modal } from "antd";
import { useEffect, useState, type ReactNode } from "react";
import { useWords } from "../i18n";
import { ReasonInput } from "./ReasonInput";

export interface ReasonAsked {
  title: string;
  /** What it will touch: count, filter, consequences. */
  scope?: ReactNode;
  okText?: string;
  danger?: boolean;
  onDone(reason: string): void;
}

/** A change needs a reason; the dialog says what it will touch before it happens. */
export function ReasonDialog({ ask, onClose }: { ask: ReasonAsked | null; onClose(): void }) {
  const { t } = useWords();
  const [reason, setReason] = useState("");
  useEffect(() => setReason(""), [ask]);
  const finish = () => {
    if (!ask || !reason.trim()) return;
    onClose();
    ask.onDone(reason.trim());
  };
  return (
    <Modal open={ask !== null} title={ask?.title} okText={ask?.okText ?? ask?.title} okButtonProps={{ disabled: !reason.trim(), danger: ask?.danger }} onOk={finish} onCancel={onClose} width={480} destroyOnHidden>
      <div className="stack">
        {ask?.scope}
        <ReasonInput autoFocus rows={3} label={t("web.reason.label")} placeholder={t("web.reason.placeholder")} value={reason} onChange={setReason} onFinish={finish} />
        <span className="muted">{t("web.reason.why")}</span>
      </div>
    </Modal>
  );
}
