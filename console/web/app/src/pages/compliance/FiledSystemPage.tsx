import { Button, Dropdown, Tabs } from "antd";
import { useParams } from "@tanstack/react-router";
import { paperAddress, useRunSystem, useSystem } from "../../api/systems";
import { useCan } from "../../api/session";
import type { FiledSystem } from "../../api/types";
import { JobProgress } from "../../components/JobProgress";
import { Answered, ProblemView } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";
import { EvidenceTab } from "./EvidenceTab";
import { ItemsTab } from "./ItemsTab";
import { Overview } from "./Overview";
import { RegistersTab } from "./RegistersTab";
import { RegisterTab } from "./RegisterTab";
import { RisksTab } from "./RisksTab";
import { RunsTab } from "./RunsTab";
import { TasksTab } from "./TasksTab";
import "./compliance.css";

const PAPERS = ["report", "selfcheck", "problems", "workplan", "results", "poam", "pack", "handover"] as const;

/** One filed system: how it stands, why, and what to do next. */
export function FiledSystemPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const answer = useSystem(id);
  return <div className="page">{<Answered of={answer}>{(system) => <Page system={system} />}</Answered>}</div>;
}

function Page({ system }: { system: FiledSystem }) {
  const { t, word } = useWords();
  const [url, change] = useUrl();
  const can = useCan();
  const run = useRunSystem();
  useTitle(system.name);
  const tab = url.tab ?? "overview";
  const tabs = {
    overview: <Overview system={system} />,
    items: <ItemsTab system={system} />,
    risks: <RisksTab system={system} />,
    tasks: <TasksTab system={system} />,
    evidence: <EvidenceTab system={system} />,
    registers: <RegistersTab system={system} />,
    runs: <RunsTab system={system} />,
    register: <RegisterTab key={system.register_row.version} system={system} />,
  };
  const counted: Partial<Record<keyof typeof tabs, number>> = { items: system.items, tasks: system.open_tasks, evidence: system.evidence.length };
  return (
    <>
      <div className="bar">
        <h1 className="clip">{system.name}</h1>
        <span className="mark">{system.profile}</span>
        <span className="muted grow clip">{[system.number, system.unit, system.responsible && t("web.systems.answers", { name: system.responsible })].filter(Boolean).join(" · ")}</span>
        <JobProgress id={run.data?.id} />
        <Dropdown menu={{ items: PAPERS.map((paper) => ({ key: paper, label: <a href={paperAddress(system.id, paper)} download>{word("web.paper", paper)}</a> })) }} trigger={["click"]}>
          <Button>{t("web.systems.papers")}</Button>
        </Dropdown>
        {can("comply") && (
          <Button type="primary" loading={run.isPending} onClick={() => run.mutate(system.id)}>
            {t("web.systems.run")}
          </Button>
        )}
      </div>
      {run.error && <ProblemView error={run.error} />}
      <Tabs
        activeKey={tab}
        size="small"
        style={{ padding: "0 12px", background: "var(--panel)" }}
        tabBarStyle={{ margin: 0 }}
        onChange={(key) => change({ tab: key === "overview" ? "" : key, unit: "" })}
        items={Object.keys(tabs).map((key) => ({ key, label: `${word("web.system_tab", key)}${counted[key as keyof typeof tabs] ? ` ${counted[key as keyof typeof tabs]}` : ""}` }))}
      />
      {tabs[tab as keyof typeof tabs] ?? tabs.overview}
    </>
  );
}
