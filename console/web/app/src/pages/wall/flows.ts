import type { Attacks, AttackPlace } from "../../api/types";

type Flow = Attacks["flows"][number];

export interface FlowEnd {
  key: string;
  place: AttackPlace;
  alerts: number;
  middle: number;
}

export interface FlowLine {
  key: string;
  flow: Flow;
  severity: Flow["severity"];
  from: number;
  to: number;
  width: number;
}

const ENDS = 7; // places that fit on each side
const WIDEST = 34;
const THINNEST = 3;

const keyOf = (place: AttackPlace) => `${place.kind}/${place.unit}/${place.zone}`;

/** Places on both sides, spread over the height, and a line for each flow between two that are shown. */
export function flowLines(flows: readonly Flow[], height: number): { sources: FlowEnd[]; targets: FlowEnd[]; lines: FlowLine[]; hidden: number } {
  const sources = ends(flows, (flow) => flow.source, height);
  const targets = ends(flows, (flow) => flow.target, height);
  const most = Math.max(1, ...flows.map((flow) => flow.alerts));
  const lines = flows.flatMap((flow) => {
    const from = sources.find((end) => end.key === keyOf(flow.source));
    const to = targets.find((end) => end.key === keyOf(flow.target));
    if (!from || !to) return [];
    const width = THINNEST + (WIDEST - THINNEST) * Math.sqrt(flow.alerts / most);
    return [{ key: `${from.key}→${to.key}`, flow, severity: flow.severity, from: from.middle, to: to.middle, width }];
  });
  return { sources, targets, lines: lines.reverse(), hidden: flows.length - lines.length };
}

function ends(flows: readonly Flow[], side: (flow: Flow) => AttackPlace, height: number): FlowEnd[] {
  const found = new Map<string, FlowEnd>();
  for (const flow of flows) {
    const place = side(flow);
    const end = found.get(keyOf(place)) ?? { key: keyOf(place), place, alerts: 0, middle: 0 };
    end.alerts += flow.alerts;
    found.set(end.key, end);
  }
  const shown = [...found.values()].sort((a, b) => b.alerts - a.alerts || a.key.localeCompare(b.key)).slice(0, ENDS);
  return shown.map((end, index) => ({ ...end, middle: ((index + 0.5) / shown.length) * height }));
}
