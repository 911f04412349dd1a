import { useNavigate } from "@tanstack/react-router";
import { App, Button, Form, Input } from "antd";
import { useChangePassword, useSession } from "../../api/session";
import { ProblemView } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";
import { wayBack } from "./wayBack";
import "../../theme/frame.css";

interface Given {
  old: string;
  new: string;
  again: string;
}

export function PasswordPage() {
  const { t } = useWords();
  const { message } = App.useApp();
  const { data } = useSession();
  const change = useChangePassword();
  const navigate = useNavigate();
  const [words] = useUrl();
  useTitle(t("web.user.password"));
  const save = (given: Given) =>
    change.mutate(
      { old: given.old, new: given.new },
      {
        onSuccess: () => {
          message.success(t("web.password.changed"));
          void navigate({ href: wayBack(words.next, "/") });
        },
      },
    );
  return (
    <div className="login">
      <Form<Given> className="panel" layout="vertical" size="middle" onFinish={save} requiredMark={false}>
        <h1 style={{ marginBottom: 12 }}>{t("web.user.password")}</h1>
        {data?.user.must_change && <p>{t("web.password.must")}</p>}
        {change.error && <ProblemView error={change.error} />}
        <Form.Item name="old" label={t("web.password.old")} rules={[{ required: true, message: t("web.login.password_missing") }]}>
          <Input.Password autoFocus autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="new" label={t("web.password.new")} extra={t("web.password.rule")} rules={[{ required: true, min: 12, message: t("web.password.rule") }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label={t("web.password.again")}
          dependencies={["new"]}
          rules={[({ getFieldValue }) => ({ validator: (_, value) => (value === getFieldValue("new") ? Promise.resolve() : Promise.reject(new Error(t("web.password.differs")))) })]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" block loading={change.isPending}>
          {t("web.password.save")}
        </Button>
      </Form>
    </div>
  );
}
