import { expect, it } from "vitest";
import { parseWords, writeWords } from "./url";

it("brings an address's words back as they were", () => {
  const words = { q: 'a:"b & c" AND d:é', range: "24h" };
  expect(parseWords(writeWords(words))).toEqual(words);
});

it("leaves out what is empty", () => {
  expect(writeWords({ q: "", tab: undefined })).toBe("");
});
