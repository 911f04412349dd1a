import { expect, it } from "vitest";
import type { Act } from "../../api/types";
import { isAnswered, noteOf } from "./answers";

const note = (text: string) => ({ kind: "note", by: "a", at: "", values: { text } }) as unknown as Act;

it("finds the answer to a question among the notes", () => {
  const question = "还有谁访问过这个域名？";
  expect(isAnswered([note(noteOf(question, "无"))], question)).toBe(true);
  expect(isAnswered([note(`别的\n${question}`)], question)).toBe(false);
  expect(isAnswered([], question)).toBe(false);
});
