import { useParams } from "@tanstack/react-router";
import { Tabs } from "antd";
import { useState, type ReactNode } from "react";
import { useRule } from "../../api/rules";
import { useCan } from "../../api/session";
import type { RulePage as Page } from "../../api/types";
import { ReasonDialog, type ReasonAsked } from "../../components/ReasonDialog";
import { Answered } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { useKeys } from "../../keyboard/keys";
import { useUrl } from "../../state/url";
import { BackTests } from "./BackTests";
import { HitsOverTime } from "./HitsOverTime";
import { MergeView } from "./MergeView";
import { RuleAbout } from "./RuleAbout";
import { RuleHead } from "./RuleHead";
import { RuleSteps } from "./RuleSteps";
import { Samples } from "./Samples";
import { Source } from "./Source";
import { useRuleDeeds, type RuleDeed } from "./useRuleDeeds";
import { Versions } from "./Versions";
import "./detections.css";

/** One rule: what it means, how it does now and what to do next; its text, proof, past and trial. */
export function RulePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const answer = useRule(id);
  return <Answered of={answer}>{(rule) => <Opened key={rule.id} rule={rule} />}</Answered>;
}

export const TABS = ["about", "source", "samples", "versions", "hits", "backtest", "history", "merge"] as const;
export type Tab = (typeof TABS)[number];

const CODE_TABS: readonly Tab[] = ["source", "versions", "merge"];

function Opened({ rule }: { rule: Page }) {
  const { t, say, word } = useWords();
  const [url, change] = useUrl();
  const [ask, setAsk] = useState<ReasonAsked | null>(null);
  const can = useCan();
  const deeds = useRuleDeeds();
  useTitle(say(rule.title));
  const has: Record<Tab, boolean> = {
    about: true,
    source: rule.source !== "",
    samples: rule.samples.length > 0 || rule.editable,
    versions: rule.editable,
    hits: true,
    backtest: rule.editable,
    history: true,
    merge: rule.upstream_changed,
  };
  const tabs = TABS.filter((name) => has[name]);
  const tab = tabs.find((name) => name === url.tab) ?? "about";
  const open = (next: string) => change({ tab: next === "about" ? "" : next, day: "", older: "", newer: "" });
  const turn = (by: number) => open(tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length] ?? "about");
  const begin = (deed: RuleDeed) =>
    setAsk({
      title: deeds.told(deed),
      danger: deed.kind === "park",
      scope: <span>{t(deed.kind === "park" ? "web.rules.park_means" : deed.kind === "unpark" ? "web.rules.unpark_means" : "web.rules.state_means")}</span>,
      onDone: (reason) => void deeds.act([rule], deed, reason),
    });
  useKeys([
    { keys: "]", label: "web.keys.next_tab", run: () => turn(1) },
    { keys: "[", label: "web.keys.previous_tab", run: () => turn(-1) },
  ]);
  useKeys(
    [
      { keys: "p", label: "web.keys.park", run: () => begin({ kind: rule.parked ? "unpark" : "park" }) },
      { keys: "u", label: "web.keys.undo", run: () => void deeds.undo() },
      { keys: ".", label: "web.keys.menu", run: () => document.querySelector<HTMLElement>(".act-menu")?.click() },
    ],
    can("act") && rule.editable,
  );
  const count: Partial<Record<Tab, number>> = { samples: rule.samples.length, versions: rule.versions.length, history: rule.history.length };
  return (
    <div className="page">
      <RuleHead rule={rule} onDeed={begin} onTab={open} />
      <Tabs
        className="detections-tabs"
        activeKey={tab}
        onChange={open}
        items={tabs.map((name) => ({ key: name, label: count[name] ? t("web.incident.tab_count", { name: word("web.rule.tab", name), count: count[name] }) : word("web.rule.tab", name) }))}
      />
      <div className={CODE_TABS.includes(tab) ? "page grow" : "page scroll grow"} style={{ minHeight: 0 }}>
        {part(tab, rule, open)}
      </div>
      <ReasonDialog ask={ask} onClose={() => setAsk(null)} />
    </div>
  );
}

function part(tab: Tab, rule: Page, open: (tab: string) => void): ReactNode {
  switch (tab) {
    case "about":
      return <RuleAbout rule={rule} />;
    case "source":
      return <Source rule={rule} />;
    case "samples":
      return <Samples samples={rule.samples} />;
    case "versions":
      return <Versions rule={rule} />;
    case "hits":
      return <HitsOverTime rule={rule} />;
    case "backtest":
      return <BackTests rule={rule} />;
    case "history":
      return <RuleSteps rule={rule} />;
    case "merge":
      return <MergeView rule={rule} onDone={() => open("about")} />;
  }
}
