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

export interface Node {
  id: string;
  /** One entity, or many that have the same and only neighbour. */
  entities: Entity[];
}

const MANY = 5;

/** Draws as one node those of ours (or of others) that only one entity reached, where they are many. */
export function bundled(entities: readonly Entity[], edges: readonly Edge[]): { nodes: Node[]; edges: Edge[] } {
  const touching = new Map<string, Edge[]>();
  for (const edge of edges) {
    for (const end of [edge.source, edge.target]) touching.set(end, [...(touching.get(end) ?? []), edge]);
  }
  const bundles = new Map<string, Entity[]>();
  const known = new Map(entities.map((entity) => [nodeOf(entity), entity]));
  for (const [id, entity] of known) {
    const [only, ...more] = touching.get(id) ?? [];
    if (!only || more.length > 0 || only.target !== id) continue;
    const key = `${only.source}>${entity.kind}${entity.internal ? "ours" : "others"}`;
    bundles.set(key, [...(bundles.get(key) ?? []), entity]);
  }
  const home = new Map<string, string>();
  for (const [key, members] of bundles) {
    if (members.length >= MANY) for (const member of members) home.set(nodeOf(member), key);
  }
  const single = [...known].filter(([id]) => !home.has(id)).map(([id, entity]) => ({ id, entities: [entity] }));
  const many = [...new Set(home.values())].map((key) => ({ id: key, entities: bundles.get(key) ?? [] }));
  const merged = new Map<string, Edge>();
  for (const edge of edges) {
    const target = home.get(edge.target) ?? edge.target;
    const before = merged.get(`${edge.source} ${target}`);
    const worse = before && ORDER.indexOf(before.severity) > ORDER.indexOf(edge.severity) ? before.severity : edge.severity;
    const titles = [...(before?.titles ?? []), ...edge.titles.filter((title) => !before?.titles.some((one) => one.en === title.en))];
    merged.set(`${edge.source} ${target}`, { source: edge.source, target, severity: worse, titles });
  }
  return { nodes: [...single, ...many], edges: [...merged.values()] };
}
