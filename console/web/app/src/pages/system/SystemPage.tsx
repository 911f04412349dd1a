import { Navigate, useNavigate, useParams } from "@tanstack/react-router";
import { Tabs } from "antd";
import { usePlaces } from "../../components/places";
import { useTitle } from "../../components/title";
import { AuditPart } from "./AuditPart";
import { CapturesPart } from "./CapturesPart";
import { HealthPart } from "./HealthPart";
import { JobsPart } from "./JobsPart";
import { SettingsPart } from "./SettingsPart";
import { UsersPart } from "./UsersPart";

const PARTS = { health: HealthPart, jobs: JobsPart, captures: CapturesPart, settings: SettingsPart, users: UsersPart, audit: AuditPart };

/** The machine room: health, jobs, uploads and, by role, settings, users and the audit log. */
export function SystemPage() {
  const { part } = useParams({ strict: false }) as { part: string };
  const navigate = useNavigate();
  const places = usePlaces().filter((place) => place.path.startsWith("/system/"));
  const here = places.find((place) => place.path === `/system/${part}`);
  useTitle(here?.label ?? "");
  const Part = PARTS[part as keyof typeof PARTS];
  if (!here || !Part) return <Navigate to={places[0]?.path ?? "/"} replace />;
  return (
    <div className="page">
      <Tabs
        activeKey={part}
        style={{ padding: "0 12px", background: "var(--panel)", flex: "none" }}
        onChange={(next) => void navigate({ to: "/system/$part", params: { part: next } })}
        items={places.map((place) => ({ key: place.path.slice("/system/".length), label: place.label }))}
      />
      <div className="page scroll">
        <Part />
      </div>
    </div>
  );
}
