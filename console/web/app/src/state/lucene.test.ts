import { describe, expect, it } from "vitest";
import { clause, excluding, including, quote, spotAt } from "./lucene";

describe("quote", () => {
  it("leaves plain words bare and quotes the rest", () => {
    expect(quote("10.3.4.17")).toBe("10.3.4.17");
    expect(quote("2001:db8::1")).toBe('"2001:db8::1"');
    expect(quote("区教育局")).toBe('"区教育局"');
    expect(quote('a "b" \\c')).toBe('"a \\"b\\" \\\\c"');
  });
  it("quotes words that are operators or look like a sign", () => {
    expect(quote("AND")).toBe('"AND"');
    expect(quote("-1")).toBe('"-1"');
  });
});

describe("including and excluding", () => {
  const condition = clause("source.ip", "10.0.0.1");
  it("adds to an empty query", () => {
    expect(including("", condition)).toBe("source.ip:10.0.0.1");
    expect(excluding(" ", condition)).toBe("NOT source.ip:10.0.0.1");
  });
  it("does not add twice", () => {
    expect(including("a:1 AND source.ip:10.0.0.1", condition)).toBe("a:1 AND source.ip:10.0.0.1");
  });
  it("brackets an OR so that the meaning stays", () => {
    expect(including("a:1 OR b:2", condition)).toBe("(a:1 OR b:2) AND source.ip:10.0.0.1");
    expect(excluding("(a:1 OR b:2)", condition)).toBe("(a:1 OR b:2) AND NOT source.ip:10.0.0.1");
    expect(including('a:"x OR y"', condition)).toBe('a:"x OR y" AND source.ip:10.0.0.1');
  });
});

describe("spotAt", () => {
  it("finds the field's name being typed", () => {
    expect(spotAt("a:1 AND dns.q", 13)).toEqual({ start: 8, word: "dns.q", field: "" });
    expect(spotAt("-dns", 4)).toEqual({ start: 1, word: "dns", field: "" });
  });
  it("finds the value being typed", () => {
    expect(spotAt("(dns.type:an", 12)).toEqual({ start: 10, word: "an", field: "dns.type" });
  });
  it("is silent inside quotes", () => {
    expect(spotAt('message:"hello wor', 18)).toBeNull();
  });
});
