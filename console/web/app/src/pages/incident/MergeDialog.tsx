import { App, Checkbox, Modal } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useCases, useMerge } from "../../api/incidents";
import type { AlikeCase, Case, CaseRow } from "../../api/types";
import { ReasonInput } from "../../components/ReasonInput";
import { SeverityMark } from "../../components/Severity";
import { Answered, ProblemView } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";

const OFFERED = 20;

/** Which other incidents are this one; those alike come first, then the newest of the same run. */
export function MergeDialog({ item, alike, open, onClose }: { item: Case; alike: readonly AlikeCase[]; open: boolean; onClose(): void }) {
  const { t, say } = useWords();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState("");
  const cases = useCases({ run: item.run || "live", limit: 100, sort: "-last" }, open);
  const merge = useMerge();
  const rank = (row: CaseRow) => alike.findIndex((one) => one.id === row.id) >>> 0;
  const offered = (rows: readonly CaseRow[]) => rows.filter((row) => row.id !== item.id).sort((a, b) => rank(a) - rank(b)).slice(0, OFFERED);
  const choose = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const finish = (rows: readonly CaseRow[]) =>
    merge.mutate(
      { items: [item, ...rows.filter((row) => chosen.has(row.id))].map(({ id, version }) => ({ id, version })), reason: reason.trim() },
      {
        onSuccess: (kept) => {
          onClose();
          setChosen(new Set());
          setReason("");
          void message.success(t("web.regroup.merge_means", { count: chosen.size + 1 }));
          void navigate({ to: "/incidents/$id", params: { id: kept.id } });
        },
      },
    );
  return (
    <Modal open={open} title={t("web.regroup.merge_title")} okText={t("web.groups.merge")} okButtonProps={{ disabled: chosen.size === 0 || !reason.trim(), loading: merge.isPending }} onOk={() => finish(cases.data?.items ?? [])} onCancel={onClose} width={640} destroyOnHidden>
      <div className="stack">
        <span className="muted">{t("web.regroup.merge_what")}</span>
        <div className="stack tight" style={{ maxHeight: 260, overflow: "auto" }}>
          <Answered of={cases}>
            {({ items }) =>
              offered(items).map((row) => (
                <Checkbox key={row.id} checked={chosen.has(row.id)} onChange={() => choose(row.id)}>
                  <span className="row">
                    <SeverityMark of={row.severity} />
                    <span className="grow">{say(row.title)}</span>
                    <When at={row.last} coarse />
                  </span>
                </Checkbox>
              ))
            }
          </Answered>
        </div>
        <ReasonInput label={t("web.regroup.reason")} value={reason} onChange={setReason} />
        {chosen.size > 0 && <span>{t("web.regroup.merge_means", { count: chosen.size + 1 })}</span>}
        {merge.error && <ProblemView error={merge.error} />}
      </div>
    </Modal>
  );
}
