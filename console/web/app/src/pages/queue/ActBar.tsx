import { Button, Dropdown, Input, Modal, Space } from "antd";
import { useState } from "react";
import type { ActKind } from "../../api/types";
import { useCan } from "../../api/session";
import { useWords } from "../../i18n";

interface Props {
  onAct(kind: ActKind): void;
  onAssign(owner: string): void;
  onCloseIncident(): void;
  onMerge?(): void;
  onSplit?(): void;
  /** Statuses of what the acts would touch. */
  closed: boolean;
  escalated?: boolean;
}

const keyed = (label: string, key: string) => (
  <span className="row" style={{ gap: 6 }}>
    {label} <kbd>{key}</kbd>
  </span>
);

/** The acts on an incident, most used first, with their keys. Nothing is shown to who may only read. */
export function ActBar({ onAct, onAssign, onCloseIncident, onMerge, onSplit, closed, escalated }: Props) {
  const { t } = useWords();
  const can = useCan();
  const [assigning, setAssigning] = useState(false);
  const [owner, setOwner] = useState("");
  if (!can("act")) return null;
  const assign = () => {
    setAssigning(false);
    onAssign(owner.trim());
  };
  const more = [
    { key: "assign", label: t("web.act.assign"), onClick: () => setAssigning(true) },
    { key: "wait", label: t("web.act.wait"), onClick: () => onAct("wait") },
    ...(onMerge ? [{ key: "merge", label: keyed(t("web.groups.merge"), "m"), onClick: onMerge }] : []),
    ...(onSplit ? [{ key: "split", label: keyed(t("web.groups.split"), "d"), onClick: onSplit }] : []),
    { key: "undo", label: t("web.act.undo"), onClick: () => onAct("undo") },
  ];
  return (
    <Space size={6}>
      {closed ? (
        <Button onClick={() => onAct("reopen")}>{t("web.act.reopen")}</Button>
      ) : (
        <>
          <Button onClick={() => onAct("take")}>
            {t("web.act.take")} <kbd>a</kbd>
          </Button>
          <Button onClick={onCloseIncident} type="primary" ghost>
            {t("web.act.close")} <kbd>e</kbd>
          </Button>
          {!escalated && (
            <Button onClick={() => onAct("escalate")}>
              {t("web.act.escalate")} <kbd>s</kbd>
            </Button>
          )}
        </>
      )}
      <Dropdown trigger={["click"]} menu={{ items: closed ? more.slice(-1) : more }}>
        <Button className="act-menu" aria-label={t("web.act.more")}>
          ⋯ <kbd>.</kbd>
        </Button>
      </Dropdown>
      <Modal open={assigning} title={t("web.act.assign")} okText={t("web.act.assign")} okButtonProps={{ disabled: !owner.trim() }} onOk={assign} onCancel={() => setAssigning(false)} width={380} destroyOnHidden>
        <Input autoFocus maxLength={64} placeholder={t("web.login.name")} aria-label={t("web.login.name")} value={owner} onChange={(event) => setOwner(event.target.value)} onPressEnter={assign} />
      </Modal>
    </Space>
  );
}
