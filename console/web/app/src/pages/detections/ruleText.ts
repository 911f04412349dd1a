/** Small edits of rule files as text; the server alone judges whether a file is right. */

/** A random id (UUID, version 4), also where the page is not served over TLS. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const SEPARATOR = /^---\s*$/m;
const idLine = (id: string) => new RegExp(`^id:[ \\t]*["']?${id.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}["']?[ \\t]*$`, "m");

/**
 * The file of a rule as a new rule of its own: another id, and where it comes from named as Sigma does.
 * Of a file with several rules only the one is taken, unless they share a global part.
 */
export function copyOf(source: string, id: string, fresh: string): string {
  const line = idLine(id);
  const parts = source.split(SEPARATOR);
  const shared = /^action:/m.test(source);
  const own = shared ? source : (parts.find((part) => line.test(part)) ?? source).replace(/^\n+/, "");
  const origin = /^related:/m.test(own) ? "" : `\nrelated:\n    - id: ${id}\n      type: derived`;
  return own.replace(line, () => `id: ${fresh}${origin}`);
}

/** What a new rule begins with. */
export function template(id: string, author: string, day: string): string {
  return `title: 
id: ${id}
status: experimental
description: >-
    
author: ${author}
date: ${day}
tags:
    - attack.command-and-control
    - attack.t1071.001
logsource:
    category: proxy
detection:
    selection:
        c-uri|contains: /example
    condition: selection
falsepositives:
    - 
level: medium
title_zh: 
description_zh: 
fengsui:
    guidance:
        means: 
        means_zh: 
        harmless: 
        harmless_zh: 
        check:
            - question: 
              question_zh: 
              query: source.ip:{source.ip}
        act: 
        act_zh: 
`;
}
