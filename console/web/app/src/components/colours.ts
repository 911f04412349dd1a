import type { Warned } from "../api/types";

/** The four colours of warnings, the gravest first. */
export const COLOURS: readonly Warned["colour"][] = ["red", "orange", "yellow", "blue"];

/** Warnings, the gravest first; those of one colour stay as they came. */
export function gravestFirst(warnings: readonly Warned[]): Warned[] {
  return [...warnings].sort((one, other) => COLOURS.indexOf(one.colour) - COLOURS.indexOf(other.colour));
}
