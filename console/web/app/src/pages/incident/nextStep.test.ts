import { expect, it } from "vitest";
import type { AlikeCase, Case } from "../../api/types";
import { nextStep } from "./nextStep";

const item = (changes: Partial<Case> = {}) => ({ status: "open", owner: "a", grown: false, ...changes }) as Case;
const past = (likeness: number, verdict: AlikeCase["verdict"]) => ({ id: "i", likeness, verdict }) as AlikeCase;

it("leads from taking it to a verdict", () => {
  expect(nextStep(item({ owner: "", status: "new" }), [], 2, false).what).toBe("take");
  expect(nextStep(item(), [past(0.7, "false")], 2, false)).toMatchObject({ what: "alike", alike: { id: "i" } });
  expect(nextStep(item(), [past(0.7, null), past(0.5, "true")], 2, false)).toEqual({ what: "check", count: 2 });
  expect(nextStep(item(), [], 0, false).what).toBe("playbook");
  expect(nextStep(item(), [], 0, true).what).toBe("close");
});

it("asks for another look where a closed one has grown", () => {
  expect(nextStep(item({ status: "closed" }), [], 0, true).what).toBe("closed");
  expect(nextStep(item({ status: "closed", grown: true }), [], 0, true).what).toBe("grown");
});
