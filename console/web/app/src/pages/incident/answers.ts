import type { Act } from "../../api/types";

/** An answer is a note of the incident: its first line is the question. */
export const noteOf = (question: string, answer: string): string => `${question}\n${answer}`;

/** Whether somebody wrote a note that answers the question. */
export const isAnswered = (history: readonly Act[], question: string): boolean => history.some((act) => act.kind === "note" && String((act.values as Record<string, unknown>).text ?? "").split("\n")[0] === question);
