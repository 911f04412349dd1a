import { useParams } from "@tanstack/react-router";
import { Tabs } from "antd";
import { useState } from "react";
import { useCase, useStory } from "../../api/incidents";
import { useCan } from "../../api/session";
import type { ActKind, ActValues, Case } from "../../api/types";
import { Answered } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { useKeys } from "../../keyboard/keys";
import { useUrl } from "../../state/url";
import { CloseDialog } from "../queue/CloseDialog";
import { useDeeds } from "../queue/useDeeds";
import { DRAWER_PLACE } from "./AlertsDrawer";
import { AlertsTab } from "./AlertsTab";
import { CaseHead } from "./CaseHead";
import { CaseSide } from "./CaseSide";
import { GraphTab } from "./GraphTab";
import { History } from "./History";
import { MergeDialog } from "./MergeDialog";
import { NextStep } from "./NextStep";
import { PlaybookRuns } from "./PlaybookRuns";
import { Story } from "./Story";

export function IncidentPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const answer = useCase(id);
  return <Answered of={answer}>{(item) => <CasePage item={item} />}</Answered>;
}

const TABS = ["story", "graph", "alerts", "playbooks", "history"] as const;

function CasePage({ item }: { item: Case }) {
  const { t, say, word, language } = useWords();
  const [url, change] = useUrl();
  const [closing, setClosing] = useState(false);
  const [merging, setMerging] = useState(false);
  const story = useStory(item.id);
  const deeds = useDeeds();
  const can = useCan();
  useTitle(say(item.title));
  const target = { id: item.id, version: item.version };
  const act = (kind: ActKind, values?: ActValues) => void deeds.act([target], kind, values);
  const tab = TABS.find((name) => name === url.tab) ?? "story";
  const go = (next: string) => change({ tab: next, pick: "", rule: "" });
  const turn = (by: number) => go(TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length] ?? "story");
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
  const count = { alerts: item.alerts, history: item.history.length };
  const kinds = story.data?.kinds ?? [];
  return (
    <div className="page">
      <CaseHead item={item} tactics={story.data?.tactics ?? []} onAct={act} onCloseIncident={() => setClosing(true)} onMerge={() => setMerging(true)} />
      {story.data && <NextStep item={item} story={story.data} onTake={() => act("take")} onClose={() => setClosing(true)} onTab={go} />}
      <div className="split" id={DRAWER_PLACE} style={{ position: "relative" }}>
        <CaseSide item={item} kinds={kinds} onRule={(rule) => change({ tab: "alerts", rule, pick: "" })} onNote={(text) => act("note", { text })} />
        <div className="grow" style={{ overflow: "auto", padding: "0 14px 20px", background: "var(--panel)" }}>
          <Tabs
            activeKey={tab}
            onChange={go}
            destroyOnHidden
            items={TABS.map((name) => ({
              key: name,
              label: name in count ? t("web.incident.tab_count", { name: word("web.incident.tab", name), count: number(count[name as keyof typeof count], language) }) : word("web.incident.tab", name),
              children: <Part name={name} item={item} story={story} />,
            }))}
          />
        </div>
      </div>
      <CloseDialog open={closing} count={1} onClose={() => setClosing(false)} onDone={(values) => act("close", values)} />
      {story.data && <MergeDialog item={item} alike={story.data.alike} open={merging} onClose={() => setMerging(false)} />}
    </div>
  );
}

function Part({ name, item, story }: { name: (typeof TABS)[number]; item: Case; story: ReturnType<typeof useStory> }) {
  switch (name) {
    case "story":
      return <Answered of={story}>{(told) => <Story incident={item.id} story={told} />}</Answered>;
    case "alerts":
      return <AlertsTab item={item} kinds={story.data?.kinds ?? []} />;
    case "graph":
      return <GraphTab incident={item.id} bars={story.data?.timeline.bars ?? []} />;
    case "playbooks":
      return <PlaybookRuns item={item} />;
    case "history":
      return <History item={item} />;
  }
}
