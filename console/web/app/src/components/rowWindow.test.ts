import { expect, it } from "vitest";
import { ROW, rowsInSight } from "./rowWindow";

it("draws what is in sight and a little more, and keeps the list's height", () => {
  for (const [count, top] of [
    [0, 0],
    [5, 0],
    [4000, 0],
    [4000, 50_000],
    [4000, 4000 * ROW],
  ] as const) {
    const { from, to, above, below } = rowsInSight(count, top, 640);
    expect(above + (to - from) * ROW + below).toBe(count * ROW);
    expect(to - from).toBeLessThanOrEqual(Math.min(count, 640 / ROW + 25));
    const first = Math.min(Math.max(0, count - 1), Math.floor(top / ROW));
    if (count > 0) expect(from <= first && first <= to).toBe(true);
  }
});
