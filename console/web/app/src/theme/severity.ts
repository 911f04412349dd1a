import type { Severity } from "../api/types";

/** Worst first, as lists and facets show them. */
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"];

export const SEVERITY_LETTER: Record<Severity, string> = {
  critical: "C",
  high: "H",
  medium: "M",
  low: "L",
  info: "I",
};

/** The same values as `--sev-*` in global.css, for charts that draw on a canvas. */
export const SEVERITY_COLOUR: Record<Severity, string> = {
  critical: "#cf1322",
  high: "#fa541c",
  medium: "#d48806",
  low: "#1677ff",
  info: "#8c8c8c",
};
