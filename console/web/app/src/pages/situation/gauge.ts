import type { GaugeBrief } from "../../api/types";

export type GaugeName = GaugeBrief["gauge"];
export const GAUGES: readonly GaugeName[] = ["threat", "exposure", "visibility", "response"];
export const HIGH_IS_GOOD: ReadonlySet<GaugeName> = new Set<GaugeName>(["visibility", "response"]);

/** How a level is called and drawn: a shape beside the colour. */
export const LEVEL_SHAPE: Record<string, string> = { steady: "●", watch: "◐", strained: "▲", critical: "◆", unknown: "?", idle: "○" };

/** The level's word; a gauge without a value is unknown, or has nothing that is due. */
export function levelOf(gauge: GaugeBrief): string {
  if (gauge.level) return gauge.level;
  return gauge.unknown?.key === "situation.unknown.nothing_to_answer" ? "idle" : "unknown";
}

/** A risk that cannot be told as a whole is at least what was seen of it. */
export const isLowerBound = (gauge: GaugeBrief) => gauge.value === null && gauge.seen > 0.5 && !HIGH_IS_GOOD.has(gauge.gauge);
