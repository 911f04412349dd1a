import { Button, Input } from "antd";
import { useState } from "react";
import { useAssign } from "../../api/systems";
import type { FiledSystem } from "../../api/types";
import { ProblemView } from "../../components/states";
import { useWords } from "../../i18n";

const WEEKS_4 = 28 * 86_400_000;

/** Give a failing finding to a unit until a day. */
export function AssignForm({ system, place, onClose }: { system: FiledSystem; place: { unit: string; asset: string; check: string }; onClose(): void }) {
  const { t } = useWords();
  const assign = useAssign();
  const [assignee, setAssignee] = useState(system.unit);
  const [due, setDue] = useState(new Date(Date.now() + WEEKS_4).toISOString().slice(0, 10));
  return (
    <form
      className="panel padded form"
      onSubmit={(event) => {
        event.preventDefault();
        assign.mutate({ system: system.id, ...place, assignee, due }, { onSuccess: onClose });
      }}
    >
      <label>
        <span>{t("web.systems.in_charge")}</span>
        <Input autoFocus value={assignee} maxLength={200} onChange={(event) => setAssignee(event.target.value)} />
      </label>
      <label>
        <span>{t("web.systems.due")}</span>
        <Input type="date" style={{ width: 150 }} value={due} onChange={(event) => setDue(event.target.value)} />
      </label>
      <div className="row end">
        <Button size="small" onClick={onClose}>{t("web.systems.cancel")}</Button>
        <Button size="small" type="primary" htmlType="submit" loading={assign.isPending} disabled={!assignee.trim() || !due}>
          {t("web.systems.assign")}
        </Button>
      </div>
      {assign.error && <ProblemView error={assign.error} />}
    </form>
  );
}
