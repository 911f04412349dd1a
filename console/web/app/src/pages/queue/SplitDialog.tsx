import { Modal } from "antd";
import { useState } from "react";
import { useSplit, useStoryAlerts } from "../../api/incidents";
import type { CaseRow, SplitDone } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { ReasonInput } from "../../components/ReasonInput";
import { SeverityMark } from "../../components/Severity";
import { Answered } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";

interface Props {
  row: Pick<CaseRow, "id" | "version" | "alerts">;
  onClose(): void;
  onDone(run: () => Promise<SplitDone>, count: number): void;
}

/** The alerts of an incident to choose from; what is chosen becomes an incident of its own. */
export function SplitDialog({ row, onClose, onDone }: Props) {
  const { t, say } = useWords();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState("");
  const split = useSplit(row.id);
  const answer = useStoryAlerts(row.id, { limit: 200 });
  const items = answer.data?.pages.flatMap((page) => page.items) ?? [];
  type Item = (typeof items)[number];
  const columns: Column<Item>[] = [
    { key: "severity", title: t("web.queue.severity"), width: 42, cell: (alert) => <SeverityMark of={alert.severity} /> },
    { key: "first", title: t("web.queue.first"), width: 128, cell: (alert) => <When at={alert.first} /> },
    { key: "title", title: t("web.queue.alerts"), cell: (alert) => <span title={say(alert.reason)}>{say(alert.title)}</span> },
    { key: "entity", title: t("web.queue.entities"), width: 150, cell: (alert) => <span className="mono">{alert.entities[0]?.value}</span> },
  ];
  const fits = chosen.size > 0 && chosen.size < row.alerts;
  const finish = () => {
    if (!fits) return;
    onDone(() => split.mutateAsync({ version: row.version, alerts: [...chosen], reason: reason.trim() }), chosen.size);
    onClose();
  };
  return (
    <Modal
      open
      title={t("web.groups.split_title", { count: chosen.size, total: row.alerts })}
      okText={t("web.groups.split")}
      okButtonProps={{ disabled: !fits }}
      onOk={finish}
      onCancel={onClose}
      width={820}
    >
      <div className="stack tight">
        <p className="muted">{t("web.groups.split_scope")}</p>
        <div className="sheet" style={{ maxHeight: "46vh", overflow: "auto" }}>
          <Answered of={answer}>
            {() => <DenseTable label={t("web.queue.alerts")} columns={columns} rows={items} rowKey={(alert) => alert.id} selected={chosen} onSelect={setChosen} />}
          </Answered>
        </div>
        {items.length < row.alerts && <p className="muted">{t("web.groups.split_more", { count: items.length })}</p>}
        <ReasonInput label={t("web.groups.reason")} value={reason} onChange={setReason} onFinish={finish} />
      </div>
    </Modal>
  );
}
