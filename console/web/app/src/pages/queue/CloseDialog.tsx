import { Form, Input, Modal, Radio } from "antd";
import type { Verdict } from "../../api/types";
import { useWords } from "../../i18n";

interface Given {
  verdict: Verdict;
  reason: string;
}

interface Props {
  open: boolean;
  count: number;
  onClose(): void;
  onDone(values: Given): void;
}

const VERDICTS: readonly Verdict[] = ["true", "benign", "false"];

/** A verdict needs a reason; the dialog says how many incidents it closes. */
export function CloseDialog({ open, count, onClose, onDone }: Props) {
  const { t, word } = useWords();
  const [form] = Form.useForm<Given>();
  const finish = (values: Given) => {
    onDone(values);
    onClose();
  };
  return (
    <Modal open={open} title={t("web.close.title", { count })} okText={t("web.close.ok")} onCancel={onClose} onOk={() => form.submit()} destroyOnHidden width={460}>
      <Form form={form} layout="vertical" onFinish={finish} preserve={false} requiredMark={false}>
        <Form.Item name="verdict" label={t("web.close.verdict")} rules={[{ required: true, message: t("web.close.verdict_missing") }]}>
          <Radio.Group options={VERDICTS.map((value) => ({ value, label: word("web.verdict", value) }))} />
        </Form.Item>
        <Form.Item name="reason" label={t("web.close.reason")} rules={[{ required: true, whitespace: true, message: t("web.close.reason_missing") }]}>
          <Input.TextArea rows={3} maxLength={2000} onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && form.submit()} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
