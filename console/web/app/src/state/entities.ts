import type { EntityKind } from "../api/types";
import { clause, quote } from "./lucene";

export const ENTITY_KINDS: readonly EntityKind[] = ["host", "domain", "user", "url", "hash", "ja4", "certificate", "service"];

export const isEntityKind = (word: string | undefined): word is EntityKind => ENTITY_KINDS.some((kind) => kind === word);

/** Which kind of entity the values of a field are; undefined when the value has no page of its own. */
export function kindOfField(field: string): string | undefined {
  if (field.endsWith(".ip") || field === "dns.resolved_ip") return "host";
  if (field.endsWith(".domain") || field.endsWith("registered_domain") || field === "dns.question.name") return "domain";
  if (field === "tls.client.server_name") return "domain";
  if (field === "user.name" || field.endsWith("user.name")) return "user";
  if (field === "tls.client.ja4") return "ja4";
  if (field.includes(".hash.")) return "hash";
  return undefined;
}

const DOMAIN_FIELDS = ["dns.question.name", "dns.question.registered_domain", "tls.client.server_name", "url.domain"];

/** The query that finds the events of an entity. */
export function queryOfEntity(kind: string, value: string): string {
  const any = (fields: string[]) => fields.map((field) => clause(field, value)).join(" OR ");
  switch (kind) {
    case "host":
      return any(["source.ip", "destination.ip"]);
    case "domain":
      return any(DOMAIN_FIELDS);
    case "user":
      return any(["user.name", "source.user.name"]);
    case "ja4":
      return clause("tls.client.ja4", value);
    case "hash":
      return any(["file.hash.md5", "file.hash.sha1", "file.hash.sha256"]);
    case "url":
      return any(["url.full", "url.original"]);
    case "unit":
      return any(["cn.source.unit", "cn.destination.unit"]);
    case "asset":
      return any(["cn.source.asset", "cn.destination.asset"]);
    default:
      return quote(value);
  }
}

/** The entity that a typed word most likely names. */
export function entityOfWord(word: string): { kind: string; value: string } | null {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(word)) return { kind: "host", value: word };
  if (/^[0-9a-f:]+$/i.test(word) && word.split(":").length > 2) return { kind: "host", value: word };
  if (/^([\w-]+\.)+[a-z]{2,}$/i.test(word)) return { kind: "domain", value: word.toLowerCase() };
  return null;
}
