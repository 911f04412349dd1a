import { useMemo } from "react";
import { useCan } from "../api/session";
import { useWords, type Key } from "../i18n";

export interface Place {
  path: string;
  label: string;
  /** The letter after `g` that leads here. */
  letter?: string;
}

const PAGES: { path: string; label: Key; letter: string }[] = [
  { path: "/queue", label: "web.place.queue", letter: "q" },
  { path: "/hunt", label: "web.place.hunt", letter: "h" },
  { path: "/assets", label: "web.place.assets", letter: "a" },
  { path: "/detections", label: "web.place.detections", letter: "d" },
  { path: "/compliance", label: "web.place.compliance", letter: "c" },
  { path: "/drills", label: "web.place.drills", letter: "r" },
  { path: "/playbooks", label: "web.place.playbooks", letter: "p" },
  { path: "/system/health", label: "web.place.health", letter: "s" },
  { path: "/system/jobs", label: "web.place.jobs", letter: "j" },
  { path: "/system/captures", label: "web.place.captures", letter: "u" },
];

/** Every page that this user may open. */
export function usePlaces(): Place[] {
  const { t } = useWords();
  const can = useCan();
  const administers = can("administer");
  const manages = can("manage_users");
  const audits = can("audit");
  return useMemo(() => {
    const places: Place[] = PAGES.map((page) => ({ ...page, label: t(page.label) }));
    if (administers) places.push({ path: "/system/settings", label: t("web.place.settings") });
    if (manages) places.push({ path: "/system/users", label: t("web.place.users") });
    if (audits) places.push({ path: "/system/audit", label: t("web.place.audit") });
    return places;
  }, [t, administers, manages, audits]);
}
