import { useNavigate } from "@tanstack/react-router";
import { Button, Form, Input } from "antd";
import { useLogin } from "../../api/session";
import { ProblemView } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";
import { wayBack } from "./wayBack";
import "../../theme/frame.css";

export function LoginPage() {
  const { t, language, setLanguage } = useWords();
  const [words] = useUrl();
  const navigate = useNavigate();
  const login = useLogin();
  useTitle(t("web.login.enter"));
  const enter = (given: { name: string; password: string }) =>
    login.mutate(given, {
      onSuccess: ({ user }) => void navigate({ href: wayBack(words.next, user.must_change ? "/" : "/queue"), replace: true }),
    });
  return (
    <div className="login">
      <Form className="panel" layout="vertical" size="middle" onFinish={enter} requiredMark={false}>
        <header>
          <img src="/beacon.svg" alt="" />
          <div>
            <h1>{t("web.product")}</h1>
            <div className="muted">{t("web.login.what")}</div>
          </div>
        </header>
        {login.error && <ProblemView error={login.error} />}
        <Form.Item name="name" label={t("web.login.name")} rules={[{ required: true, message: t("web.login.name_missing") }]}>
          <Input autoFocus autoComplete="username" />
        </Form.Item>
        <Form.Item name="password" label={t("web.login.password")} rules={[{ required: true, message: t("web.login.password_missing") }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" block loading={login.isPending}>
          {t("web.login.enter")}
        </Button>
        <div className="row" style={{ justifyContent: "center", marginTop: 14 }}>
          <Button type="link" size="small" onClick={() => setLanguage(language === "zh" ? "en" : "zh")}>
            {t(language === "zh" ? "web.user.english" : "web.user.chinese")}
          </Button>
        </div>
      </Form>
    </div>
  );
}
