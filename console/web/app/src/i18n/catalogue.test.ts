/** The catalogue and the source agree, and no sentence is written outside of it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import catalogue from "./catalogue.json";

const SOURCE = join(process.cwd(), "src");
const messages: Record<string, { zh: string; en: string }> = catalogue.messages;

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf-8" })
  .filter((name) => /\.tsx?$/.test(name) && !/\.(test|d)\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(SOURCE, name), "utf-8") }));

/** Attributes whose value people read. */
const TOLD = new Set(["title", "label", "placeholder", "aria-label", "alt", "extra", "okText", "message", "description"]);

function untranslated(name: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && /[A-Za-z\u4e00-\u9fff]{2,}/.test(node.text)) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer)) {
      if (TOLD.has(node.name.getText()) && /[A-Za-z]{2,}/.test(node.initializer.text)) found.push(node.initializer.text);
    }
    if (ts.isStringLiteralLike(node) && /[\u4e00-\u9fff]/.test(node.text)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return found;
}

const prefixes = new Set(files.flatMap(({ text }) => [...text.matchAll(/\bword\("(web\.[\w.]+)"/g)].map((match) => match[1] ?? "")));
const used = new Set(files.flatMap(({ text }) => [...text.matchAll(/"(web\.\w[\w.]*)"/g)].map((match) => match[1] ?? "")));

describe("the catalogue", () => {
  it("has both languages for every sentence", () => {
    for (const [key, entry] of Object.entries(messages)) {
      expect(entry.zh, key).toBeTruthy();
      expect(entry.en, key).toBeTruthy();
    }
  });
  it("names the same values in both languages", () => {
    const values = (text: string) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1]))].sort();
    for (const [key, entry] of Object.entries(messages)) {
      if (key.startsWith("web.")) expect(values(entry.zh), key).toEqual(values(entry.en));
    }
  });
  it("holds every key that the source uses", () => {
    expect([...used].filter((key) => !(key in messages) && !prefixes.has(key))).toEqual([]);
  });
  it("has words under every prefix that the source uses", () => {
    expect([...prefixes].filter((prefix) => !Object.keys(messages).some((key) => key.startsWith(`${prefix}.`)))).toEqual([]);
  });
  it("holds no sentence that nothing uses", () => {
    const under = (key: string) => [...prefixes].some((prefix) => key.startsWith(`${prefix}.`));
    expect(Object.keys(messages).filter((key) => key.startsWith("web.") && !used.has(key) && !under(key))).toEqual([]);
  });
});

describe("the source", () => {
  it.each(files.map(({ name, text }) => [name, text] as const))("%s holds no sentence of its own", (name, text) => {
    expect(untranslated(name, text)).toEqual([]);
  });
  it("keeps its files short", () => {
    expect(files.filter(({ text }) => text.split("\n").length > 300).map(({ name }) => name)).toEqual([]);
  });
});
