import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Case } from "../../api/types";
import { Chart, type ChartColours, type ChartHandle, tooltipLook } from "../../components/Chart";
import { Empty } from "../../components/states";
import { useWords } from "../../i18n";
import { SEVERITY_COLOUR } from "../../theme/severity";
import { bundled, edgesOf } from "./edges";

const NODES = 80;
const LISTED = 30;

/** Who met whom: the entities of the incident, an edge for each pair that one alert names together. */
export function EntityGraph({ item }: { item: Case }) {
  const { t, say, word } = useWords();
  const navigate = useNavigate();
  const { nodes, edges } = useMemo(() => bundled(item.entities, edgesOf(item.alert_items)), [item.entities, item.alert_items]);
  const crowded = nodes.length > 24;
  const option = useCallback(
    (colours: ChartColours) => ({
      tooltip: tooltipLook(colours),
      series: [
        {
          type: "graph",
          layout: "force",
          roam: true,
          force: { repulsion: crowded ? 420 : 260, edgeLength: crowded ? [90, 230] : [60, 150], gravity: 0.12, layoutAnimation: false },
          zoom: crowded ? 0.62 : 1,
          labelLayout: { hideOverlap: true },
          edgeSymbol: ["none", "arrow"],
          edgeSymbolSize: 7,
          label: { show: true, position: "right", color: colours.text, fontSize: 11 },
          data: nodes.slice(0, NODES).map(({ id, entities }) => {
            const [entity] = entities;
            const several = entities.length > 1;
            return {
              id,
              name: several ? t("web.graph.several", { count: entities.length, kind: word("web.entity_kind", entity?.kind ?? "") }) : entity?.value,
              value: several ? "" : entity?.kind,
              symbol: entity?.internal ? "rect" : "diamond",
              symbolSize: several ? 30 : crowded ? 11 : 17,
              itemStyle: { color: entity?.internal ? colours.accent : colours.muted, opacity: several ? 0.75 : 1 },
              tooltip: { formatter: () => entities.slice(0, LISTED).map(({ value }) => escape(value)).join("<br>") + (entities.length > LISTED ? "<br>…" : "") },
            };
          }),
          links: edges.map((edge) => ({
            source: edge.source,
            target: edge.target,
            tooltip: { formatter: () => edge.titles.map(say).map(escape).join("<br>") },
            lineStyle: { color: SEVERITY_COLOUR[edge.severity], width: 1.5, curveness: 0.12 },
          })),
        },
      ],
    }),
    [nodes, edges, say, t, word, crowded],
  );
  const ready = (chart: ChartHandle) =>
    chart.on("click", (event) => {
      if (event.dataType !== "node" || !event.value) return;
      void navigate({ to: "/entities/$kind/$value", params: { kind: String(event.value), value: event.name } });
    });
  if (item.entities.length === 0) return <Empty title={t("web.graph.none")} />;
  return (
    <div className="stack">
      <span className="muted">{t("web.graph.legend")}</span>
      <div className="panel">
        <Chart height="calc(100vh - 290px)" label={t("web.graph.label", { nodes: nodes.length, edges: edges.length })} option={option} onReady={ready} />
      </div>
    </div>
  );
}

/** Tooltips are HTML; what came over the wire must not become markup. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
