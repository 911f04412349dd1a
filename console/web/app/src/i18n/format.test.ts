import { expect, it } from "vitest";
import { bytes, number, secondsBetween, shortTime, span } from "./format";

it("tells sizes in binary units", () => {
  expect(bytes(0)).toBe("0 B");
  expect(bytes(1023)).toBe("1023 B");
  expect(bytes(64_300_000)).toBe("61.3 MiB");
});

it("tells lengths of time in their two largest units", () => {
  expect(span(0.03, "en")).toBe("30ms");
  expect(span(4.25, "en")).toBe("4.3s");
  expect(span(3720, "en")).toBe("1h 2m");
  expect(span(3720, "zh")).toBe("1小时2分钟");
  expect(span(90_000, "zh")).toBe("1天1小时");
});

it("leaves no time untold", () => {
  expect(shortTime(null, "zh")).toBe("");
  expect(shortTime("no time", "zh")).toBe("");
  expect(shortTime("2001-02-03T04:05:06Z", "en")).toMatch(/^2001-02-0[234] \d\d:05:06$/);
  expect(secondsBetween("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z")).toBe(60);
});

it("groups digits", () => {
  expect(number(1234567, "zh")).toBe("1,234,567");
});
