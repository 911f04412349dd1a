import { expect, it } from "vitest";
import { queryOf, tabOf } from "./query";

it("asks for what the address says", () => {
  expect(queryOf({})).toMatchObject({ status: "new,open,waiting", sort: "-score", offset: 0 });
  expect(queryOf({ tab: "my" })).toMatchObject({ owner: "me" });
  expect(queryOf({ tab: "closed", status: "new" })).toMatchObject({ status: "new" });
  expect(queryOf({ offset: "nonsense" })).toMatchObject({ offset: 0 });
});

it("falls back to the active ones", () => {
  expect(tabOf({ tab: "no such tab" })).toBe("active");
});
