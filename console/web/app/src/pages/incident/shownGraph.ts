import type { GraphEdge, GraphNode, IncidentGraph, Severity } from "../../api/types";
import { SEVERITIES } from "../../theme/severity";
import type { Range } from "./slots";

export interface ShownEdge extends GraphEdge {
  /** Alerts that the filter lets through, and the worst of them. */
  shown: number;
  worst: Severity;
  /** Places of the rules in the graph's list, by falling number of alerts. */
  rules: number[];
}

export interface ShownGraph {
  nodes: (GraphNode & { dim: boolean })[];
  edges: ShownEdge[];
  /** Alerts in sight, each counted once. */
  alerts: number;
  /** Those of them that lead to no other node. */
  alone: number;
}

/** The graph under a filter of stage and time: places stay, what is left without an act is dimmed. */
export function shownGraph(graph: Pick<IncidentGraph, "nodes" | "edges" | "lines" | "alone">, tactic: string, range: Range | null): ShownGraph {
  const counts = graph.lines.map((line) =>
    tactic && !line.tactics.includes(tactic) ? 0 : line.slots.reduce((sum, [slot = 0, count = 0]) => sum + (!range || (slot >= range[0] && slot <= range[1]) ? count : 0), 0),
  );
  const edges = graph.edges.flatMap((edge): ShownEdge[] => {
    const lines = edge.lines.filter((line) => (counts[line] ?? 0) > 0);
    if (lines.length === 0) return [];
    const rules = new Map<number, number>();
    for (const line of lines) {
      const rule = graph.lines[line]?.rule ?? 0;
      rules.set(rule, (rules.get(rule) ?? 0) + (counts[line] ?? 0));
    }
    return [
      {
        ...edge,
        shown: lines.reduce((sum, line) => sum + (counts[line] ?? 0), 0),
        worst: SEVERITIES.find((severity) => lines.some((line) => graph.lines[line]?.severity === severity)) ?? "info",
        rules: [...rules].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([rule]) => rule),
      },
    ];
  });
  const touched = new Set(edges.flatMap((edge) => [edge.source, edge.target]));
  return {
    nodes: graph.nodes.map((node) => ({ ...node, dim: (tactic !== "" || range !== null) && !touched.has(node.id) })),
    edges,
    alerts: counts.reduce((a, b) => a + b, 0),
    alone: graph.alone.reduce((sum, line) => sum + (counts[line] ?? 0), 0),
  };
}
