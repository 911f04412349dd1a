import { useParams } from "@tanstack/react-router";
import { Tabs } from "antd";
import { useState } from "react";
import { useCase } from "../../api/incidents";
import { useCan } from "../../api/session";
import type { ActKind, ActValues, Case } from "../../api/types";
import { Answered } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { useKeys } from "../../keyboard/keys";
import { useUrl } from "../../state/url";
import { CloseDialog } from "../queue/CloseDialog";
import { useDeeds } from "../queue/useDeeds";
import { Alerts } from "./Alerts";
import { CaseHead } from "./CaseHead";
import { CaseSide } from "./CaseSide";
import { EntityGraph } from "./EntityGraph";
import { History } from "./History";
import { PlaybookRuns } from "./PlaybookRuns";
import { Story } from "./Story";

export function IncidentPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const answer = useCase(id);
  return <Answered of={answer}>{(item) => <CasePage item={item} />}</Answered>;
}

const TABS = ["story", "alerts", "graph", "playbooks", "history"] as const;

function CasePage({ item }: { item: Case }) {
  const { t, say, word } = useWords();
  const [url, change] = useUrl();
  const [closing, setClosing] = useState(false);
  const deeds = useDeeds();
  const can = useCan();
  useTitle(say(item.title));
  const target = { id: item.id, version: item.version };
  const act = (kind: ActKind, values?: ActValues) => void deeds.act([target], kind, values);
  const tab = TABS.find((name) => name === url.tab) ?? "story";
  const turn = (by: number) => change({ tab: TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length] });
  useKeys([
    { keys: "]", label: "web.keys.next_tab", run: () => turn(1) },
    { keys: "[", label: "web.keys.previous_tab", run: () => turn(-1) },
  ]);
  useKeys(
    [
      { keys: "a", label: "web.keys.take", run: () => act("take") },
      { keys: "e", label: "web.keys.close", run: () => setClosing(true) },
      { keys: "s", label: "web.keys.escalate", run: () => act("escalate") },
      { keys: "u", label: "web.keys.undo", run: () => act("undo") },
      { keys: ".", label: "web.keys.menu", run: () => document.querySelector<HTMLElement>(".act-menu")?.click() },
    ],
    can("act"),
  );
  const count = { alerts: item.alert_items.length, history: item.history.length };
  const showAlerts = (alerts: string[]) => change({ tab: "alerts", alerts: alerts.join(",") });
  return (
    <div className="page">
      <CaseHead item={item} onAct={act} onCloseIncident={() => setClosing(true)} />
      <div className="split">
        <CaseSide item={item} onAlerts={showAlerts} onNote={(text) => act("note", { text })} />
        <div className="grow" style={{ overflow: "auto", padding: "0 14px 20px", background: "var(--panel)" }}>
          <Tabs
            activeKey={tab}
            onChange={(next) => change({ tab: next, alerts: "" })}
            destroyOnHidden
            items={TABS.map((name) => ({
              key: name,
              label: name in count ? t("web.incident.tab_count", { name: word("web.incident.tab", name), count: count[name as keyof typeof count] }) : word("web.incident.tab", name),
              children: <Part name={name} item={item} alerts={url.alerts} onAlerts={showAlerts} onAll={() => change({ alerts: "" })} />,
            }))}
          />
        </div>
      </div>
      <CloseDialog open={closing} count={1} onClose={() => setClosing(false)} onDone={(values) => act("close", values)} />
    </div>
  );
}

interface PartProps {
  name: (typeof TABS)[number];
  item: Case;
  alerts: string | undefined;
  onAlerts(alerts: string[]): void;
  onAll(): void;
}

function Part({ name, item, alerts, onAlerts, onAll }: PartProps) {
  switch (name) {
    case "story":
      return <Story item={item} onAlerts={onAlerts} />;
    case "alerts":
      return <Alerts item={item} only={alerts ? alerts.split(",") : []} onAll={onAll} />;
    case "graph":
      return <EntityGraph item={item} />;
    case "playbooks":
      return <PlaybookRuns item={item} />;
    case "history":
      return <History item={item} />;
  }
}
