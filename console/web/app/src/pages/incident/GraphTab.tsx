import { Button, Segmented } from "antd";
import { useMemo } from "react";
import { useGraph } from "../../api/incidents";
import type { GraphNode, IncidentGraph, TimelineBar } from "../../api/types";
import { Answered, Empty } from "../../components/states";
import { useTactic, useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { useUrl } from "../../state/url";
import { AlertsDrawer } from "./AlertsDrawer";
import { GraphTable } from "./GraphTable";
import { GraphView } from "./GraphView";
import { shownGraph } from "./shownGraph";
import { readRange, writeRange } from "./slots";
import { TimeBars } from "./TimeBars";

/** Entities and acts as a graph or as the table of the same, under one filter of stage and time. */
export function GraphTab({ incident, bars }: { incident: string; bars: readonly TimelineBar[] }) {
  const [url] = useUrl();
  const answer = useGraph(incident, url.opened ?? "");
  return <Answered of={answer}>{(graph) => <Both incident={incident} graph={graph} bars={bars} />}</Answered>;
}

function Both({ incident, graph, bars }: { incident: string; graph: IncidentGraph; bars: readonly TimelineBar[] }) {
  const { t, word, language } = useWords();
  const tactic = useTactic();
  const [url, change] = useUrl();
  const range = readRange(url.time, graph.count);
  const stage = url.tactic ?? "";
  const shown = useMemo(() => shownGraph(graph, stage, range), [graph, stage, url.time]);
  const opened = (url.opened ?? "").split(",").filter(Boolean);
  const nameOf = (node: GraphNode) => node.kind === "act" ? (node.label ? tactic(node.label) : t("web.graph.no_stage")) : node.label || t("web.graph.many", { count: number(node.many, language), kind: word("web.entity_kind", node.kind) });
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const unfold = (node: GraphNode) => node.group && change({ opened: [...opened, node.group].sort().join(","), pick: "" });
  const pick = (id: string) => change({ pick: id });
  const edge = graph.edges.find((each) => each.id === url.pick);
  const node = nodes.get(url.pick ?? "");
  const title = edge ? `${nameOf(nodes.get(edge.source) as GraphNode)} → ${nameOf(nodes.get(edge.target) as GraphNode)}` : node ? nameOf(node) : t("web.incident.picked");
  if (graph.nodes.length === 0) return <Empty title={t("web.graph.none")} next={t("web.graph.none_next")} />;
  return (
    <div className="stack">
      <div className="row wrap">
        <Segmented<string>
          aria-label={t("web.graph.view")}
          value={url.view === "table" ? "table" : "graph"}
          onChange={(view) => change({ view: view === "table" ? "table" : "" })}
          options={[
            { value: "graph", label: t("web.graph.view_graph") },
            { value: "table", label: t("web.graph.view_table") },
          ]}
        />
        <span title={t("web.graph.sum_note")}>{t("web.graph.shown", { shown: number(shown.alerts, language), total: number(graph.told, language), things: number(graph.things, language) })}</span>
        {shown.alone > 0 && <span className="muted">{t("web.graph.alone", { count: number(shown.alone, language) })}</span>}
        <span className="grow" />
        {stage && <Button onClick={() => change({ tactic: "" })}>{`✕ ${t("web.incident.stage_filter", { name: tactic(stage) })}`}</Button>}
        {opened.length > 0 && <Button onClick={() => change({ opened: "", pick: "" })}>{t("web.graph.close_groups")}</Button>}
      </div>
      <TimeBars times={{ ...graph, bars: [...bars] }} range={range} onRange={(next) => change({ time: writeRange(next) }, true)} />
      {url.view === "table" ? (
        <GraphTable graph={graph} shown={shown} nameOf={nameOf} onPick={pick} current={url.pick} />
      ) : (
        <GraphView shown={shown} nameOf={nameOf} onPick={pick} onUnfold={unfold} />
      )}
      {url.pick && (
        <AlertsDrawer
          incident={incident}
          title={title}
          only={{ pick: url.pick, opened: url.opened, tactic: url.tactic }}
          actions={node?.group ? <Button onClick={() => unfold(node)}>{t("web.graph.open_group_named", { count: number(node.many, language) })}</Button> : undefined}
          onClose={() => change({ pick: "" })}
        />
      )}
    </div>
  );
}
