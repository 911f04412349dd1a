import { expect, it } from "vitest";
import { withUpstream } from "./Versions";

const upstream = { hash: "u", version: "1.2" };
const ours = { version: 1, hash: "a", origin: "local" as const, by: "zhang", at: "2026-11-21T00:00:00Z", reason: "why", current: true };

it("shows upstream's text as the oldest of the versions", () => {
  expect(withUpstream({ version: 1, versions: [ours], upstream }).map((row) => [row.version, row.current])).toEqual([
    [1, true],
    [0, false],
  ]);
});

it("says that upstream's text is in use while nobody changed it", () => {
  expect(withUpstream({ version: 0, versions: [], upstream })[0]).toMatchObject({ version: 0, current: true, reason: "1.2" });
});

it("has no upstream for a rule of our own", () => {
  expect(withUpstream({ version: 1, versions: [ours], upstream: null })).toEqual([ours]);
});
