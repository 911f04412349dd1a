import type { AlikeCase, Case } from "../../api/types";

export type Step =
  | { what: "grown" | "closed" | "take" | "playbook" | "close" }
  | { what: "alike"; alike: AlikeCase }
  | { what: "check"; count: number };

/** Incidents at least so alike are worth a look before anything else. */
const MUCH = 0.6;

/** The one thing that an analyst would press next, in the order of a day's work. */
export function nextStep(item: Pick<Case, "status" | "owner" | "grown">, alike: readonly AlikeCase[], unanswered: number, rehearsed: boolean): Step {
  if (item.grown) return { what: "grown" };
  if (item.status === "closed") return { what: "closed" };
  if (!item.owner) return { what: "take" };
  const decided = alike.find((one) => one.verdict !== null && one.likeness >= MUCH);
  if (decided && unanswered > 0) return { what: "alike", alike: decided };
  if (unanswered > 0) return { what: "check", count: unanswered };
  if (!rehearsed) return { what: "playbook" };
  return { what: "close" };
}
