/** Small edits of Lucene query text; the server alone judges whether a query is right. */

/** A value as a query word: bare when it is plain, else quoted. */
export function quote(value: string): string {
  if (/^[\w.@-]+$/.test(value) && !/^(AND|OR|NOT)$/.test(value) && !value.startsWith("-")) return value;
  return `"${value.replace(/(["\\])/g, "\\$1")}"`;
}

export const clause = (field: string, value: string): string => `${field}:${quote(value)}`;

/** The query with one more condition; an OR outside brackets is bracketed first. */
export function including(query: string, condition: string): string {
  const rest = query.trim();
  if (!rest) return condition;
  if (rest === condition || rest.endsWith(` AND ${condition}`)) return rest;
  return `${bracketed(rest)} AND ${condition}`;
}

export function excluding(query: string, condition: string): string {
  const rest = query.trim();
  return rest ? `${bracketed(rest)} AND NOT ${condition}` : `NOT ${condition}`;
}

function bracketed(query: string): string {
  return hasTopLevelOr(query) ? `(${query})` : query;
}

function hasTopLevelOr(query: string): boolean {
  const plain = query.replace(/"(?:\\.|[^"\\])*"/g, (quoted) => "x".repeat(quoted.length));
  let depth = 0;
  for (let at = 0; at < plain.length; at += 1) {
    if (plain[at] === "(") depth += 1;
    else if (plain[at] === ")") depth -= 1;
    else if (depth === 0 && /^\s(OR|\|\|)\s/.test(plain.slice(at, at + 4))) return true;
  }
  return false;
}

export interface Spot {
  /** Where the word under the cursor begins, and the word. */
  start: number;
  word: string;
  /** The field whose value is being typed; "" while a field's name is. */
  field: string;
}

/** What is being typed at the cursor, for completion; null inside quotes. */
export function spotAt(query: string, cursor: number): Spot | null {
  const before = query.slice(0, cursor);
  if ((before.match(/(?<!\\)"/g) ?? []).length % 2 === 1) return null;
  const word = /[^\s()]*$/.exec(before)?.[0] ?? "";
  const start = cursor - word.length;
  const colon = word.indexOf(":");
  if (colon < 0) {
    const name = word.replace(/^[-+!]/, "");
    return { start: cursor - name.length, word: name, field: "" };
  }
  return { start: start + colon + 1, word: word.slice(colon + 1), field: word.slice(0, colon).replace(/^[-+!]/, "") };
}
