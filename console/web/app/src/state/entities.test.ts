import { expect, it } from "vitest";
import { entityOfWord, isEntityKind, kindOfField, queryOfEntity } from "./entities";

it("knows what a field's values are", () => {
  expect(kindOfField("source.ip")).toBe("host");
  expect(kindOfField("dns.question.name")).toBe("domain");
  expect(kindOfField("file.hash.md5")).toBe("hash");
  expect(kindOfField("source.port")).toBeUndefined();
  expect(isEntityKind("host")).toBe(true);
  expect(isEntityKind("network")).toBe(false);
});

it("finds the events of an entity", () => {
  expect(queryOfEntity("host", "10.0.0.1")).toBe("source.ip:10.0.0.1 OR destination.ip:10.0.0.1");
  expect(queryOfEntity("unit", "health")).toBe("cn.source.unit:health OR cn.destination.unit:health");
  expect(queryOfEntity("asset", "fs01")).toBe("cn.source.asset:fs01 OR cn.destination.asset:fs01");
  expect(queryOfEntity("certificate", "a b")).toBe('"a b"');
});

it("takes a typed word for what it most likely is", () => {
  expect(entityOfWord("10.0.0.1")).toEqual({ kind: "host", value: "10.0.0.1" });
  expect(entityOfWord("2001:db8::1")).toEqual({ kind: "host", value: "2001:db8::1" });
  expect(entityOfWord("Update.Example.com")).toEqual({ kind: "domain", value: "update.example.com" });
  expect(entityOfWord("event.dataset:dns")).toBeNull();
});
