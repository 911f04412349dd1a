import { Input, Modal } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAddSystem } from "../../api/systems";
import { ProblemView } from "../../components/states";
import { useWords } from "../../i18n";
import { RegisterFields, type Register } from "./RegisterFields";

const EMPTY: Register = {
  name: "", unit: "", responsible: "", s_level: 3, a_level: 3, extensions: [], number: "", graded: "", filed: "", certified: "", assessed: "", renewed: "",
  public: false, continuity: false, key_industry: false, assets: [], inherited: [], daily: true, high_risk_edition: "", score_edition: "", version: 0,
};

/** File a system. */
export function NewSystem({ onClose }: { onClose(): void }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const add = useAddSystem();
  const [id, setId] = useState("");
  const [row, setRow] = useState(EMPTY);
  const save = () => add.mutate({ id, ...row }, { onSuccess: (made) => void navigate({ to: "/compliance/systems/$id", params: { id: made.id } }) });
  return (
    <Modal open width={720} title={t("web.systems.add")} okText={t("web.systems.save")} cancelText={t("web.systems.cancel")} okButtonProps={{ disabled: !id || !row.name || !row.unit, loading: add.isPending }} onOk={save} onCancel={onClose}>
      <div className="form">
        <label>
          <span>{t("web.systems.id")}</span>
          <Input autoFocus value={id} maxLength={64} onChange={(event) => setId(event.target.value.replace(/[^\w.-]/g, ""))} />
        </label>
      </div>
      <RegisterFields row={row} onChange={setRow} />
      {add.error && <ProblemView error={add.error} />}
    </Modal>
  );
}
