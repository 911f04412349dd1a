import { expect, it } from "vitest";
import type { Warned } from "../api/types";
import { gravestFirst } from "./colours";

it("puts the gravest first and keeps the order within a colour", () => {
  const given = [["a", "blue"], ["b", "red"], ["c", "yellow"], ["d", "red"]] as const;
  const warnings = given.map(([id, colour]) => ({ id, colour }) as Warned);
  expect(gravestFirst(warnings).map((each) => each.id)).toEqual(["b", "d", "c", "a"]);
});
