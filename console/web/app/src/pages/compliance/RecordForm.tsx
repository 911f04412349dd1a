import { Button, Input, Radio, Select, Upload } from "antd";
import { useState } from "react";
import { sendDocument, useAttest } from "../../api/systems";
import { ProblemView } from "../../components/states";
import { useWords } from "../../i18n";

interface Props {
  system: string;
  unit: string;
  kind: "record" | "not_applicable" | "high_risk" | "major_risk";
  steps: { value: string; label: string }[];
  assets: string[];
  /** Of a risk: its case or code. */
  risk?: string;
  onClose(): void;
}

/** What only a person can see or decide, with the document, how the sample was chosen, and until when. */
export function RecordForm({ system, unit, kind, steps, assets, risk, onClose }: Props) {
  const { t } = useWords();
  const attest = useAttest();
  const [step, setStep] = useState(steps[0]?.value ?? "whole");
  const [asset, setAsset] = useState("");
  const [holds, setHolds] = useState(true);
  const [level, setLevel] = useState<"E5" | "E6">("E6");
  const [statement, setStatement] = useState("");
  const [sample, setSample] = useState("");
  const [approver, setApprover] = useState("");
  const [days, setDays] = useState(365);
  const [file, setFile] = useState<File | null>(null);
  const [error, setError] = useState<unknown>(null);
  const record = kind === "record";
  const save = async () => {
    setError(null);
    try {
      const attachment = file ? (await sendDocument(file)).sha256 : "";
      await attest.mutateAsync({ system, unit, kind, step: risk ?? (record ? step : ""), asset: record ? asset : "", holds, level, statement, sample, approver, days, attachment });
      onClose();
    } catch (failed) {
      setError(failed);
    }
  };
  const decision = kind === "high_risk" || kind === "major_risk";
  return (
    <form
      className="panel padded form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {record && (
        <label>
          <span>{t("web.systems.step")}</span>
          <Select value={step} onChange={setStep} options={steps} popupMatchSelectWidth={false} />
        </label>
      )}
      {record && assets.length > 0 && (
        <label>
          <span>{t("web.systems.object")}</span>
          <Select value={asset} onChange={setAsset} options={[{ value: "", label: t("web.systems.all_objects") }, ...assets.map((name) => ({ value: name, label: name }))]} />
        </label>
      )}
      {(record || decision) && (
        <div className="field">
          <span>{t("web.systems.outcome")}</span>
          <Radio.Group value={holds} onChange={(event) => setHolds(event.target.value as boolean)}>
            <Radio value={true}>{t(decision ? "web.systems.mitigated" : "web.systems.holds")}</Radio>
            <Radio value={false}>{t(decision ? "web.systems.stands" : "web.systems.fails")}</Radio>
          </Radio.Group>
        </div>
      )}
      {record && (
        <div className="field">
          <span>{t("web.systems.method")}</span>
          <Radio.Group value={level} onChange={(event) => setLevel(event.target.value as "E5" | "E6")}>
            <Radio value="E6">{t("web.systems.e6")}</Radio>
            <Radio value="E5">{t("web.systems.e5")}</Radio>
          </Radio.Group>
        </div>
      )}
      <label>
        <span>{t(record ? "web.systems.seen" : "web.systems.reason")}</span>
        <Input.TextArea autoFocus rows={2} maxLength={4000} value={statement} onChange={(event) => setStatement(event.target.value)} />
      </label>
      {record && (
        <label>
          <span>{t("web.systems.sample")}</span>
          <Input maxLength={1000} value={sample} placeholder={t("web.systems.sample_hint")} onChange={(event) => setSample(event.target.value)} />
        </label>
      )}
      {!record && (
        <label>
          <span>{t("web.systems.approver")}</span>
          <Input maxLength={200} value={approver} onChange={(event) => setApprover(event.target.value)} />
        </label>
      )}
      <label>
        <span>{t("web.systems.valid_days")}</span>
        <Input type="number" min={1} max={365} style={{ width: 100 }} value={days} onChange={(event) => setDays(Number(event.target.value))} />
      </label>
      <div className="row">
        <Upload showUploadList={false} beforeUpload={(chosen) => (setFile(chosen), false)}>
          <Button size="small">{t("web.systems.attach")}</Button>
        </Upload>
        <span className="muted grow clip">{file?.name}</span>
        <Button size="small" onClick={onClose}>{t("web.systems.cancel")}</Button>
        <Button size="small" type="primary" htmlType="submit" loading={attest.isPending} disabled={!statement.trim() || (!record && !approver.trim())}>
          {t("web.systems.sign")}
        </Button>
      </div>
      {error !== null && <ProblemView error={error} />}
    </form>
  );
}
