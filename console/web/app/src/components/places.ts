import { useMemo } from "react";
import { useSession, type Deed, useCan } from "../api/session";
import { useWords, type Key } from "../i18n";

export interface Place {
  path: string;
  key: Key;
  label: string;
  /** The letter after `g` that leads here. */
  letter?: string;
}

/** Every page, by what one must be allowed to do there. */
const PAGES: { path: string; key: Key; deed: Deed; letter?: string }[] = [
  { path: "/situation", key: "web.place.situation", deed: "read", letter: "t" },
  { path: "/wall", key: "web.place.wall", deed: "read", letter: "w" },
  { path: "/queue", key: "web.place.queue", deed: "read", letter: "q" },
  { path: "/hunt", key: "web.place.hunt", deed: "read", letter: "h" },
  { path: "/hunt/retro", key: "web.place.retro", deed: "operate", letter: "b" },
  { path: "/assets", key: "web.place.assets", deed: "read", letter: "a" },
  { path: "/detections", key: "web.place.detections", deed: "operate", letter: "d" },
  { path: "/detections/coverage", key: "web.place.coverage", deed: "operate", letter: "m" },
  { path: "/detections/packs", key: "web.place.packs", deed: "operate" },
  { path: "/compliance", key: "web.place.compliance", deed: "read", letter: "c" },
  { path: "/drills", key: "web.place.drills", deed: "read", letter: "r" },
  { path: "/playbooks", key: "web.place.playbooks", deed: "read", letter: "p" },
  { path: "/system/health", key: "web.place.health", deed: "operate", letter: "s" },
  { path: "/system/jobs", key: "web.place.jobs", deed: "operate", letter: "j" },
  { path: "/system/captures", key: "web.place.captures", deed: "read", letter: "u" },
  { path: "/system/settings", key: "web.place.settings", deed: "administer" },
  { path: "/system/users", key: "web.place.users", deed: "manage_users" },
  { path: "/system/audit", key: "web.place.audit", deed: "audit" },
];

/** The pages that this user may open, in the order of the rail. */
export function usePlaces(): Place[] {
  const { t } = useWords();
  const can = useCan();
  const roles = useSession().data?.user.roles;
  return useMemo(
    () => PAGES.filter((page) => can(page.deed)).map((page) => ({ ...page, label: t(page.key) })),
    // `can` tells nothing but the roles.
    [t, roles],
  );
}
