import { expect, it } from "vitest";
import type { Act, Alert } from "../../api/types";
import { isAnswered, noteOf } from "./answers";
import { oneEach } from "./CheckFirst";

const note = (text: string) => ({ kind: "note", by: "a", at: "", values: { text } }) as unknown as Act;

it("finds the answer to a question among the notes", () => {
  const question = "还有谁访问过这个域名？";
  expect(isAnswered([note(noteOf(question, "无"))], question)).toBe(true);
  expect(isAnswered([note(`别的\n${question}`)], question)).toBe(false);
  expect(isAnswered([], question)).toBe(false);
});

it("asks the questions of a rule once, the worst rule first", () => {
  const alert = (id: string, rule: string, severity: string) => ({ id, rule, severity, fidelity: 0.5 }) as Alert;
  const asked = oneEach([alert("1", "a", "low"), alert("2", "b", "critical"), alert("3", "a", "high")]);
  expect(asked.map((one) => one.id)).toEqual(["2", "3"]);
});
