import { expect, it } from "vitest";
import { copyOf, newId, template } from "./ruleText";

const ONE = "title: A\nid: 11111111-aaaa\nlogsource:\n    category: dns\n";

it("makes ids that are UUIDs of version 4 and differ", () => {
  const made = new Set(Array.from({ length: 50 }, newId));
  expect(made.size).toBe(50);
  for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it("gives a copy another id and names where it comes from", () => {
  expect(copyOf(ONE, "11111111-aaaa", "new")).toBe("title: A\nid: new\nrelated:\n    - id: 11111111-aaaa\n      type: derived\nlogsource:\n    category: dns\n");
});

it("keeps the relations that a rule already names", () => {
  const related = `${ONE}related:\n    - id: x\n      type: merged\n`;
  expect(copyOf(related, "11111111-aaaa", "new").match(/related:/g)).toHaveLength(1);
});

it("takes the one rule out of a file of several", () => {
  const file = `${ONE}---\ntitle: B\nid: '2'\nlevel: low\n`;
  const copy = copyOf(file, "2", "new");
  expect(copy).toContain("title: B");
  expect(copy).not.toContain("title: A");
  expect(copy).toContain("id: new");
});

it("keeps the shared part of a global file", () => {
  const file = "action: global\ntitle: G\n---\nid: a\n---\nid: b\n";
  expect(copyOf(file, "b", "new")).toContain("action: global");
});

it("begins a new rule with its id and author", () => {
  expect(template("some-id", "zhang", "2026-11-21")).toContain("id: some-id\nstatus: experimental");
});
