import { UserOutlined } from "@ant-design/icons";
import { Button, Dropdown, type MenuProps } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { saveLanguage, useLogout, useSession } from "../api/session";
import { useWords, type Language } from "../i18n";
import { useTheme, type ThemeChoice } from "../theme";

/** Who is here; language, theme, password, help and the way out. */
export function UserMenu({ onHelp }: { onHelp(): void }) {
  const { t, word, language, setLanguage } = useWords();
  const { choice, choose } = useTheme();
  const { data } = useSession();
  const navigate = useNavigate();
  const logout = useLogout();
  const user = data?.user;
  const speak = (next: Language) => {
    setLanguage(next);
    void saveLanguage(next).catch(() => undefined); // This browser keeps the choice in any case.
  };
  const items: MenuProps["items"] = [
    { key: "roles", disabled: true, label: user?.roles.map((role) => word("web.role", role)).join(" · ") },
    { type: "divider" },
    { key: "zh", label: t("web.user.chinese"), onClick: () => speak("zh") },
    { key: "en", label: t("web.user.english"), onClick: () => speak("en") },
    { type: "divider" },
    ...(["system", "light", "dark"] as ThemeChoice[]).map((name) => ({ key: name, label: word("web.theme", name), onClick: () => choose(name) })),
    { type: "divider" },
    { key: "password", label: t("web.user.password"), onClick: () => void navigate({ to: "/password" }) },
    { key: "help", label: t("web.keys.help"), onClick: onHelp },
    { key: "out", label: t("web.user.leave"), onClick: () => logout.mutate() },
  ];
  return (
    <Dropdown trigger={["click"]} menu={{ items, selectedKeys: [language, choice] }}>
      <Button type="text" icon={<UserOutlined />} aria-label={t("web.user.menu")}>
        {user?.name}
      </Button>
    </Dropdown>
  );
}
