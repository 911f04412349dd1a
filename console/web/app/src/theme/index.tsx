import { App, ConfigProvider, theme as antTheme } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { useEffect, useSyncExternalStore, type ReactNode } from "react";
import { useWords } from "../i18n";
import { usePreference } from "../state/preferences";
import { COLOURS } from "./colours";

export type ThemeChoice = "system" | "light" | "dark";

const query = matchMedia("(prefers-color-scheme: dark)");

function useSystemDark(): boolean {
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => query.matches,
  );
}

/** Whether the console is dark now, and the choice that makes it so. */
export function useTheme(): { dark: boolean; choice: ThemeChoice; choose(choice: ThemeChoice): void } {
  const [choice, choose] = usePreference<ThemeChoice>("theme", "system");
  const system = useSystemDark();
  return { dark: choice === "dark" || (choice === "system" && system), choice, choose };
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const { dark } = useTheme();
  const { language } = useWords();
  const colours = COLOURS[dark ? "dark" : "light"];
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  }, [dark]);
  return (
    <ConfigProvider
      locale={language === "zh" ? zhCN : enUS}
      componentSize="small"
      button={{ autoInsertSpace: false }}
      theme={{
        algorithm: dark ? [antTheme.darkAlgorithm, antTheme.compactAlgorithm] : [antTheme.defaultAlgorithm, antTheme.compactAlgorithm],
        token: {
          colorPrimary: colours.accent,
          colorInfo: colours.accent,
          colorLink: colours.accent,
          colorBgLayout: colours.back,
          colorBgContainer: colours.panel,
          colorBgElevated: colours.raised,
          colorBorder: colours.line,
          colorBorderSecondary: colours.faint,
          colorText: colours.text,
          colorTextSecondary: colours.muted,
          fontSize: 15, // the compact algorithm takes two off
          borderRadius: 3,
          motionDurationMid: "0.1s",
          motionDurationSlow: "0.15s",
          fontFamily: 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif',
        },
        components: { Tabs: { horizontalMargin: "0 0 8px 0" }, Drawer: { paddingLG: 12 } },
      }}
    >
      <App message={{ maxCount: 3 }}>{children}</App>
    </ConfigProvider>
  );
}
