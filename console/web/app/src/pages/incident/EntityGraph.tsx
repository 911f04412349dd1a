import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Case } from "../../api/types";
import { Chart, type ChartColours, type ChartHandle } from "../../components/Chart";
import { Empty } from "../../components/states";
import { useWords } from "../../i18n";
import { SEVERITY_COLOUR } from "../../theme/severity";
import { edgesOf } from "./edges";

/** Who met whom: the entities of the incident, an edge for each pair that one alert names together. */
export function EntityGraph({ item }: { item: Case }) {
  const { t, say } = useWords();
  const navigate = useNavigate();
  const edges = useMemo(() => edgesOf(item.alert_items), [item.alert_items]);
  const option = useCallback(
    (colours: ChartColours) => ({
      tooltip: { backgroundColor: colours.raised, borderColor: colours.line, textStyle: { color: colours.text, fontSize: 12 } },
      series: [
        {
          type: "graph",
          layout: "force",
          roam: true,
          force: { repulsion: 260, edgeLength: [60, 150], layoutAnimation: false },
          edgeSymbol: ["none", "arrow"],
          edgeSymbolSize: 7,
          label: { show: true, position: "right", color: colours.text, fontSize: 11 },
          data: item.entities.slice(0, 60).map((entity) => ({
            id: `${entity.kind}:${entity.value}`,
            name: entity.value,
            value: entity.kind,
            symbol: entity.internal ? "rect" : "diamond",
            symbolSize: entity.internal ? 16 : 18,
            itemStyle: { color: entity.internal ? colours.accent : colours.muted },
          })),
          links: edges.map((edge) => ({
            source: edge.source,
            target: edge.target,
            tooltip: { formatter: () => edge.titles.map(say).map(escape).join("<br>") },
            lineStyle: { color: SEVERITY_COLOUR[edge.severity], width: 1.5, curveness: 0.12 },
          })),
        },
      ],
    }),
    [item.entities, edges, say],
  );
  const ready = (chart: ChartHandle) =>
    chart.on("click", (event) => {
      if (event.dataType !== "node") return;
      void navigate({ to: "/entities/$kind/$value", params: { kind: String(event.value), value: event.name } });
    });
  if (item.entities.length === 0) return <Empty title={t("web.graph.none")} />;
  return (
    <div className="stack">
      <span className="muted">{t("web.graph.legend")}</span>
      <div className="panel">
        <Chart height={420} label={t("web.graph.label", { nodes: item.entities.length, edges: edges.length })} option={option} onReady={ready} />
      </div>
    </div>
  );
}

/** Tooltips are HTML; what came over the wire must not become markup. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
