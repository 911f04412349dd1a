import { describe, expect, it } from "vitest";
import { wayBack } from "./wayBack";

describe("the way back", () => {
  it("is an address of this console", () => {
    expect(wayBack("/situation?run=drill-1", "/")).toBe("/situation?run=drill-1");
  });
  it.each([undefined, "", "/", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"])("is never %s", (next) => {
    expect(wayBack(next, "/queue")).toBe("/queue");
  });
});
