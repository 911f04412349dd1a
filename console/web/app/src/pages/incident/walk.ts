import type { ShownGraph } from "./shownGraph";

type Walked = Pick<ShownGraph, "nodes" | "edges">;

/** Nodes by column and row, then the order in which Tab would read them. */
const inOrder = (graph: Walked) => graph.nodes.filter((node) => !node.dim).sort((a, b) => a.column - b.column || a.row - b.row);

/** Where an arrow key leads in the graph: along a column, along an act to its other end, or from act to act. */
export function walk(graph: Walked, at: string, key: string): string {
  const nodes = inOrder(graph);
  const rowOf = new Map(nodes.map((node, index) => [node.id, index]));
  const near = (a: string, b: string) => (rowOf.get(a) ?? 0) - (rowOf.get(b) ?? 0);
  const edge = graph.edges.find((each) => each.id === at);
  if (edge) {
    const beside = graph.edges.filter((each) => each.source === edge.source).sort((a, b) => near(a.target, b.target));
    const place = beside.findIndex((each) => each.id === at);
    if (key === "ArrowRight") return edge.target;
    if (key === "ArrowLeft") return edge.source;
    if (key === "ArrowDown") return beside[Math.min(beside.length - 1, place + 1)]?.id ?? at;
    if (key === "ArrowUp") return beside[Math.max(0, place - 1)]?.id ?? at;
    return at;
  }
  const node = nodes.find((each) => each.id === at) ?? nodes[0];
  if (!node) return at;
  const column = nodes.filter((each) => each.column === node.column);
  const place = column.findIndex((each) => each.id === node.id);
  const leaving = graph.edges.filter((each) => each.source === node.id).sort((a, b) => near(a.target, b.target));
  const coming = graph.edges.filter((each) => each.target === node.id).sort((a, b) => near(a.source, b.source));
  if (key === "ArrowDown") return (column[place + 1] ?? node).id;
  if (key === "ArrowUp") return (column[place - 1] ?? node).id;
  if (key === "ArrowRight") return leaving[0]?.id ?? nodes.find((each) => each.column > node.column)?.id ?? node.id;
  if (key === "ArrowLeft") return coming[0]?.id ?? nodes.findLast((each) => each.column < node.column)?.id ?? node.id;
  if (key === "Home") return nodes[0]?.id ?? at;
  if (key === "End") return nodes.at(-1)?.id ?? at;
  return node.id;
}
