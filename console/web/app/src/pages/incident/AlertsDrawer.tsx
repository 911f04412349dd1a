import { Link } from "@tanstack/react-router";
import { useEffect, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { SideDrawer } from "../../components/SideDrawer";
import { useWords } from "../../i18n";
import { Alerts, type Only } from "./Alerts";

/** Id of the part of the page that the drawer covers. */
export const DRAWER_PLACE = "incident-drawer-place";

interface Props {
  incident: string;
  title: ReactNode;
  actions?: ReactNode;
  only: Only;
  onClose(): void;
}

/** The alerts of a sentence, a line of time, a node or an edge, over what they were chosen from. */
export function AlertsDrawer({ incident, title, actions, only, onClose }: Props) {
  const { t } = useWords();
  // Beside the tabs, not inside them: what it was opened from may have been scrolled far down.
  const [place, setPlace] = useState<HTMLElement | null>(null);
  useEffect(() => setPlace(document.getElementById(DRAWER_PLACE)), []);
  if (!place) return null;
  return createPortal(
    <SideDrawer name="incident" title={<h2>{title}</h2>} actions={actions} onClose={onClose}>
      <div className="stack">
        <Link to="/incidents/$id" params={{ id: incident }} search={{ ...only, tab: "alerts" } as never}>
          {t("web.incident.all_of_it")}
        </Link>
        <Alerts incident={incident} only={only} />
      </div>
    </SideDrawer>,
    place,
  );
}
