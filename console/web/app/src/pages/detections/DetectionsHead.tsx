import { useNavigate } from "@tanstack/react-router";
import { Tabs } from "antd";
import type { ReactNode } from "react";
import { useWords } from "../../i18n";

const PARTS = { rules: "/detections", coverage: "/detections/coverage", packs: "/detections/packs" } as const;
type Part = keyof typeof PARTS;

/** The three views of the detections, and what the present one lets one do. */
export function DetectionsHead({ part, children }: { part: Part; children?: ReactNode }) {
  const { t, word } = useWords();
  const navigate = useNavigate();
  return (
    <Tabs
      className="detections-tabs"
      activeKey={part}
      aria-label={t("web.place.detections")}
      onChange={(next) => void navigate({ to: PARTS[next as Part] })}
      items={(Object.keys(PARTS) as Part[]).map((key) => ({ key, label: word("web.detections.part", key) }))}
      tabBarExtraContent={<div className="row">{children}</div>}
    />
  );
}
