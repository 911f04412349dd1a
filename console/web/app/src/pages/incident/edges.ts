import type { Alert, Entity, Severity, Text } from "../../api/types";

export interface Edge {
  source: string;
  target: string;
  severity: Severity;
  titles: Text[];
}

const ORDER: Severity[] = ["info", "low", "medium", "high", "critical"];
const ACTORS = new Set(["source", "attacker"]);

const nodeOf = (entity: Entity) => `${entity.kind}:${entity.value}`;

/** Edges between entities that one alert names: from who acts (or ours) to the others. */
export function edgesOf(alerts: readonly Alert[]): Edge[] {
  const found = new Map<string, Edge>();
  for (const alert of alerts) {
    const from = alert.entities.find((entity) => ACTORS.has(entity.role)) ?? alert.entities.find((entity) => entity.internal);
    if (!from) continue;
    for (const to of alert.entities) {
      if (nodeOf(to) === nodeOf(from)) continue;
      const key = `${nodeOf(from)} ${nodeOf(to)}`;
      const edge = found.get(key) ?? { source: nodeOf(from), target: nodeOf(to), severity: "info", titles: [] };
      if (ORDER.indexOf(alert.severity) > ORDER.indexOf(edge.severity)) edge.severity = alert.severity;
      if (!edge.titles.some((title) => title.en === alert.title.en)) edge.titles.push(alert.title);
      found.set(key, edge);
    }
  }
  return [...found.values()];
}
