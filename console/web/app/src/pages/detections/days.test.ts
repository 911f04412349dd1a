import { expect, it } from "vitest";
import { daysBetween, daysUpTo } from "./days";

const now = Date.parse("2026-11-21T09:00:00Z");

it("fills the days on which nothing happened", () => {
  expect(daysUpTo([{ day: "2026-11-20", count: 4 }], 3, now)).toEqual([
    { day: "2026-11-19", count: 0 },
    { day: "2026-11-20", count: 4 },
    { day: "2026-11-21", count: 0 },
  ]);
});

it("ends with the newest day, were it after today", () => {
  expect(daysUpTo([{ day: "2026-11-23", count: 1 }], 2, now).map((one) => one.day)).toEqual(["2026-11-22", "2026-11-23"]);
});

it("keeps what lies years apart as it is", () => {
  const far = [
    { day: "2016-01-01", count: 1 },
    { day: "2026-01-01", count: 2 },
  ];
  expect(daysBetween(far)).toEqual(far);
  expect(daysBetween([{ day: "2026-01-01", count: 2 }, { day: "2026-01-03", count: 1 }])).toHaveLength(3);
  expect(daysBetween([])).toEqual([]);
});
