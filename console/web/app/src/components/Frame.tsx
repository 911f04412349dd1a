import { AimOutlined, ClusterOutlined, DashboardOutlined, ExperimentOutlined, InboxOutlined, NodeIndexOutlined, RadarChartOutlined, SafetyCertificateOutlined, SettingOutlined } from "@ant-design/icons";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useCan } from "../api/session";
import { useStream } from "../api/stream";
import { useWords, type Key } from "../i18n";
import { Help } from "../keyboard/Help";
import { Palette } from "../keyboard/Palette";
import { useKeys } from "../keyboard/keys";
import "../theme/frame.css";
import { Live } from "./Live";
import { UserMenu } from "./UserMenu";
import { ValueMenu } from "./ValueMenu";
import { Zone } from "./When";
import { usePlaces } from "./places";

const RAIL: { to: string; label: Key; icon: ReactNode }[] = [
  { to: "/situation", label: "web.rail.situation", icon: <DashboardOutlined /> },
  { to: "/queue", label: "web.rail.queue", icon: <InboxOutlined /> },
  { to: "/hunt", label: "web.rail.hunt", icon: <AimOutlined /> },
  { to: "/assets", label: "web.rail.assets", icon: <ClusterOutlined /> },
  { to: "/detections", label: "web.rail.detections", icon: <RadarChartOutlined /> },
  { to: "/compliance", label: "web.rail.compliance", icon: <SafetyCertificateOutlined /> },
  { to: "/drills", label: "web.rail.drills", icon: <ExperimentOutlined /> },
  { to: "/playbooks", label: "web.rail.playbooks", icon: <NodeIndexOutlined /> },
  { to: "/system", label: "web.rail.system", icon: <SettingOutlined /> },
];

/** Left rail, top bar and the page between; holds the live stream and the keys that work everywhere. */
export function Frame() {
  const { t } = useWords();
  const [help, setHelp] = useState(false);
  const [palette, setPalette] = useState(false);
  const navigate = useNavigate();
  const places = usePlaces();
  const follows = useCan()("operate");
  useStream(follows);
  useKeys([
    { keys: "?", label: "web.keys.help", run: () => setHelp(true) },
    { keys: "Ctrl-k", label: "web.keys.palette", run: () => setPalette(true) },
    ...places.filter((place) => place.letter).map((place) => ({ keys: `g ${place.letter}`, label: place.key, run: () => void navigate({ to: place.path }) })),
  ]);
  return (
    <div className="frame">
      <nav className="rail" aria-label={t("web.rail.label")}>
        <div className="brand">
          <img src="/beacon.svg" alt={t("web.product")} />
        </div>
        {RAIL.filter((entry) => places.some((place) => place.path.startsWith(entry.to))).map((entry) => (
          <Link key={entry.to} to={entry.to} activeProps={{ className: "active", "aria-current": "page" }}>
            {entry.icon}
            <span>{t(entry.label)}</span>
          </Link>
        ))}
      </nav>
      <header className="top">
        <button type="button" className="plain finder" onClick={() => setPalette(true)}>
          <AimOutlined />
          <span className="grow">{t("web.top.find")}</span>
          <kbd>{t("web.top.find_key")}</kbd>
        </button>
        <span className="grow" />
        {follows && <Live />}
        <Zone />
        <UserMenu onHelp={() => setHelp(true)} />
      </header>
      <main>
        <Outlet />
      </main>
      <ValueMenu />
      <Help open={help} onClose={() => setHelp(false)} />
      <Palette open={palette} onClose={() => setPalette(false)} />
    </div>
  );
}
