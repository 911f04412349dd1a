import { useEffect, useRef, useState } from "react";
import type { GraphNode, Severity } from "../../api/types";
import { useWords } from "../../i18n";
import { number, visible } from "../../i18n/format";
import { SEVERITY_LETTER } from "../../theme/severity";
import type { ShownEdge, ShownGraph } from "./shownGraph";
import { walk } from "./walk";

const NODE = { width: 186, height: 36 };
const STEP = { column: 254, row: 48 };
const PAD = 10;
const DASH: Record<Severity, string | undefined> = { critical: undefined, high: undefined, medium: "9 4", low: "3 4", info: "1 4" };
const CROWDED = 40;
const ARROWS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"]);

interface Props {
  shown: ShownGraph;
  nameOf(node: GraphNode): string;
  onPick(id: string): void;
  onUnfold(node: GraphNode): void;
}

/** The graph in columns of roles, at the same places each time. Arrows walk, Enter opens, plus unfolds. */
export function GraphView({ shown, nameOf, onPick, onUnfold }: Props) {
  const { t, word } = useWords();
  const [at, setAt] = useState("");
  const box = useRef<SVGSVGElement>(null);
  const moved = useRef(false);
  const first = shown.nodes.find((node) => !node.dim)?.id ?? "";
  const here = shown.nodes.some((node) => node.id === at && !node.dim) || shown.edges.some((edge) => edge.id === at) ? at : first;
  const nodes = new Map(shown.nodes.map((node) => [node.id, node]));
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    const found = box.current?.querySelector<SVGGElement>(`[data-id="${here}"]`);
    found?.focus({ preventScroll: true });
    found?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [here]);
  const onKey = (event: React.KeyboardEvent) => {
    const node = nodes.get(here);
    if (ARROWS.has(event.key)) {
      moved.current = true;
      setAt(walk(shown, here, event.key));
    } else if (event.key === "Enter" || event.key === " ") onPick(here);
    else if (event.key === "+" && node) onUnfold(node);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const columns = Math.max(0, ...shown.nodes.map((node) => node.column)) + 1;
  const rows = Math.max(0, ...shown.nodes.map((node) => node.row)) + 1;
  const size = { width: PAD * 2 + (columns - 1) * STEP.column + NODE.width + 60, height: PAD * 2 + (rows - 1) * STEP.row + NODE.height };
  const crowded = shown.edges.length > CROWDED;
  const nearby = new Set(shown.edges.flatMap((edge) => (edge.id === here || edge.source === here || edge.target === here ? [edge.id] : [])));
  // Where badges would cover each other, those of the place where one stands are shown.
  const places = badgePlaces(crowded ? shown.edges.filter((edge) => nearby.has(edge.id)) : shown.edges, here, nearby);
  const badged = shown.edges.filter((edge) => places.has(edge.id));
  return (
    <div className="stack tight">
      <div className="row wrap muted" style={{ fontSize: 12, gap: 14 }}>
        <span>{t("web.graph.help")}</span>
        <span>{t("web.graph.shape_ours")}</span>
        <span>{t("web.graph.shape_others")}</span>
        <span>{t("web.graph.shape_group")}</span>
        <span>{t("web.graph.shape_edge")}</span>
      </div>
      <div className={`attack-graph panel ${crowded ? "crowded" : ""}`}>
        <svg ref={box} width={size.width} height={size.height} role="group" aria-label={t("web.graph.canvas", { nodes: shown.nodes.length, edges: shown.edges.length })} onKeyDown={onKey}>
          {shown.edges.map((edge) => (
            <Line key={edge.id} edge={edge} from={nodes.get(edge.source)} to={nodes.get(edge.target)} near={nearby.has(edge.id)} onPick={onPick} />
          ))}
          {shown.nodes.map((node) => (
            <Node key={node.id} node={node} name={nameOf(node)} role={word("web.story_role", node.role)} here={node.id === here} onFocus={setAt} onPick={onPick} onUnfold={onUnfold} />
          ))}
          {badged.map((edge) => (
            <Badge key={edge.id} edge={edge} begin={places.get(edge.id) === "begin"} from={nodes.get(edge.source)} to={nodes.get(edge.target)} nameOf={nameOf} here={edge.id === here} onFocus={setAt} onPick={onPick} />
          ))}
        </svg>
      </div>
    </div>
  );
}

const left = (node: GraphNode) => PAD + node.column * STEP.column;
const top = (node: GraphNode) => PAD + node.row * STEP.row;

interface NodeProps {
  node: ShownGraph["nodes"][number];
  name: string;
  role: string;
  here: boolean;
  onFocus(id: string): void;
  onPick(id: string): void;
  onUnfold(node: GraphNode): void;
}

function Node({ node, name, role, here, onFocus, onPick, onUnfold }: NodeProps) {
  const { t, word, language } = useWords();
  const count = number(node.alerts, language);
  const label = t("web.graph.node_label", { name, role, count, severity: word("web.severity", node.severity) });
  const radius = node.internal ? 3 : NODE.height / 2;
  const title = [label, node.unit, ...(node.many > 1 ? node.names : [])].filter(Boolean).join("\n");
  return (
    <g
      className={`node ${node.internal ? "ours" : "others"} ${node.dim ? "dim" : ""}`}
      transform={`translate(${left(node)} ${top(node)})`}
      role="button"
      data-id={node.id}
      aria-label={label}
      aria-disabled={node.dim}
      tabIndex={here ? 0 : -1}
      onFocus={() => onFocus(node.id)}
      onClick={() => onPick(node.id)}
    >
      <title>{title}</title>
      {node.many > 1 && <rect className="behind" x={4} y={4} width={NODE.width} height={NODE.height} rx={radius} />}
      <rect width={NODE.width} height={NODE.height} rx={radius} />
      <g transform={`translate(${node.internal ? 8 : 12} 9)`}>
        <Mark severity={node.severity} />
      </g>
      <text x={node.internal ? 32 : 36} y={15} className="name">
        {cut(name, node.group ? 17 : 20)}
      </text>
      <text x={node.internal ? 32 : 36} y={29} className="told">
        {cut([role, node.unit, t("web.graph.count_title", { count })].filter(Boolean).join(" · "), node.group ? 19 : 25)}
      </text>
      {node.group && (
        <g
          className="unfold"
          transform={`translate(${NODE.width - 28} 8)`}
          aria-hidden
          onClick={(event) => {
            event.stopPropagation();
            onUnfold(node);
          }}
        >
          <title>{t("web.graph.open_group")}</title>
          <rect width={20} height={20} rx={3} />
          <text x={10} y={15} textAnchor="middle">
            +
          </text>
        </g>
      )}
    </g>
  );
}

interface LineProps {
  edge: ShownEdge;
  from: GraphNode | undefined;
  to: GraphNode | undefined;
  near: boolean;
  onPick(id: string): void;
}

/** The line of an edge, behind all nodes; its badge is what the keyboard reaches. */
function Line({ edge, from, to, near, onPick }: LineProps) {
  if (!from || !to) return null;
  const { path } = course(from, to);
  return (
    <g className={`edge ${near ? "near" : ""}`} aria-hidden onClick={() => onPick(edge.id)}>
      <path d={path} className="reach" />
      <path d={path} stroke={`var(--sev-${edge.worst})`} strokeWidth={1.2 + Math.min(4, Math.log10(edge.shown + 1) * 1.3)} strokeDasharray={DASH[edge.worst]} className="line" />
    </g>
  );
}

/** At which end of its edge a badge stands, none where both are taken: those of the chosen place come first. */
export function badgePlaces(edges: readonly Pick<ShownEdge, "id" | "source" | "target">[], here: string, nearby: ReadonlySet<string>): Map<string, "begin" | "end"> {
  const taken = new Set<string>();
  const found = new Map<string, "begin" | "end">();
  for (const edge of [...edges].sort((one, other) => Number(nearby.has(other.id)) - Number(nearby.has(one.id)))) {
    const ends = [`end ${edge.target}`, `begin ${edge.source}`];
    if (edge.target === here) ends.reverse();
    const free = ends.find((end) => !taken.has(end)) ?? (nearby.has(edge.id) ? ends[0] : undefined);
    if (!free) continue;
    taken.add(free);
    found.set(edge.id, free.startsWith("begin") ? "begin" : "end");
  }
  return found;
}

interface BadgeProps {
  edge: ShownEdge;
  begin: boolean;
  from: GraphNode | undefined;
  to: GraphNode | undefined;
  nameOf(node: GraphNode): string;
  here: boolean;
  onFocus(id: string): void;
  onPick(id: string): void;
}

function Badge({ edge, begin, from, to, nameOf, here, onFocus, onPick }: BadgeProps) {
  const { t, word, language } = useWords();
  if (!from || !to) return null;
  const { x, y } = course(from, to, begin);
  const count = number(edge.shown, language);
  const label = t("web.graph.edge_label", { source: nameOf(from), target: nameOf(to), count, severity: word("web.severity", edge.worst) });
  const colour = `var(--sev-${edge.worst})`;
  const told = t("web.graph.count", { count });
  const width = 26 + told.length * 7.5;
  return (
    <g transform={`translate(${x} ${y})`} className="badge" role="button" data-id={edge.id} aria-label={label} tabIndex={here ? 0 : -1} onFocus={() => onFocus(edge.id)} onClick={() => onPick(edge.id)}>
      <title>{label}</title>
      <rect x={-width / 2} y={-9} width={width} height={18} rx={9} stroke={colour} />
      <text textAnchor="middle" y={4}>
        <tspan fill={colour} fontWeight={700}>{`${SEVERITY_LETTER[edge.worst]} `}</tspan>
        {told}
      </text>
    </g>
  );
}

/** A square with the letter of the severity: to be told apart without colour. */
function Mark({ severity }: { severity: Severity }) {
  return (
    <>
      <rect width={18} height={18} rx={2} fill={`var(--sev-${severity})`} className="mark-box" />
      <text x={9} y={13} textAnchor="middle" className="mark-letter">
        {SEVERITY_LETTER[severity]}
      </text>
    </>
  );
}

/** The way of an edge, and where its badge stands: near its end, or near its begin. */
function course(from: GraphNode, to: GraphNode, begin = false): { path: string; x: number; y: number } {
  const y1 = top(from) + NODE.height / 2;
  const y2 = top(to) + NODE.height / 2;
  if (to.column > from.column) {
    const x1 = left(from) + NODE.width;
    const x2 = left(to);
    const bend = (x2 - x1) / 2;
    return { path: `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, x: begin ? x1 + 34 : x2 - 34, y: begin ? y1 : y2 };
  }
  const x1 = left(from) + (to.column === from.column ? NODE.width : 0);
  const x2 = left(to) + NODE.width;
  const out = to.column === from.column ? Math.max(x1, x2) + 46 : x2 + 46;
  const back = to.column === from.column ? out : x1 - 46;
  return { path: `M${x1} ${y1} C${back} ${y1} ${out} ${y2} ${x2} ${y2}`, x: begin ? x1 + 34 : x2 + 34, y: begin ? y1 : y2 };
}

const cut = (told: string, most: number) => {
  const text = visible(told);
  let room = most;
  for (let at = 0; at < text.length; at += 1) {
    room -= text.charCodeAt(at) > 0x2e80 ? 1.8 : 1;
    if (room < 0) return `${text.slice(0, Math.max(0, at - 1))}…`;
  }
  return text;
};
