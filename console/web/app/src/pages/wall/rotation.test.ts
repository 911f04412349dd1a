import { describe, expect, it } from "vitest";
import { secondsOf, step, viewsOf, WALL_VIEWS } from "./rotation";

describe("the wall's rotation", () => {
  it("comes around in both directions", () => {
    for (const view of WALL_VIEWS) {
      expect(step(WALL_VIEWS, step(WALL_VIEWS, view, 1), -1)).toBe(view);
      expect(WALL_VIEWS.reduce((now) => step(WALL_VIEWS, now, 1), view)).toBe(view);
    }
  });
  it("takes the views that are named, once and in order, and ignores others", () => {
    expect(viewsOf("incidents,overall,nonsense,incidents")).toEqual(["incidents", "overall"]);
    expect(viewsOf("nonsense")).toEqual([...WALL_VIEWS]);
    expect(viewsOf(undefined)).toEqual([...WALL_VIEWS]);
  });
  it("keeps seconds within bounds; 0 holds", () => {
    expect(secondsOf("0")).toBe(0);
    expect(secondsOf("1")).toBe(5);
    expect(secondsOf("999999")).toBe(3600);
    expect(secondsOf("x")).toBe(secondsOf(undefined));
    expect(secondsOf("-3")).toBe(secondsOf(undefined));
  });
});
