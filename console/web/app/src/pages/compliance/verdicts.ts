import type { Conformity } from "../../api/types";

export const VERDICTS: readonly Conformity[] = ["does_not", "partly", "insufficient_evidence", "conforms", "not_applicable"];

/** Shape and tone of a verdict: never colour alone. */
export const VERDICT_SHAPE: Record<Conformity, string> = { conforms: "✓", partly: "◐", does_not: "✕", not_applicable: "–", insufficient_evidence: "?" };
export const VERDICT_TONE: Record<Conformity, string> = { conforms: "good", partly: "warn", does_not: "bad", not_applicable: "", insufficient_evidence: "accent" };
