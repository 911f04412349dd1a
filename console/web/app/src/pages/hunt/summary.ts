import type { EventRecord } from "../../api/types";
import { bytes } from "../../i18n/format";

const FIELDS: Record<string, string[]> = {
  dns: ["dns.question.type", "dns.question.name", "dns.response_code", "dns.resolved_ip"],
  tls: ["tls.client.server_name", "tls.version", "tls.client.ja4"],
  http: ["http.request.method", "url.full", "http.response.status_code", "user_agent.original"],
  flow: ["zeek.connection.state", "destination.domain"],
};
const OTHERS = ["message", "rule.name", "event.action", "smb.command", "file.name", "user.name", "ssh.client.banner", "event.reason"];

export const text = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(", ") : value === undefined || value === null ? "" : String(value));

/** What an event says, from its own values: the name asked, the page fetched, the bytes sent. */
export function summaryOf(event: EventRecord): string {
  const dataset = text(event["event.dataset"]).split(".").at(-1) ?? "";
  const words = (FIELDS[dataset] ?? OTHERS).map((field) => text(event[field])).filter(Boolean);
  if (dataset === "flow" || dataset === "conn") {
    const sent = Number(event["source.bytes"] ?? 0);
    const back = Number(event["destination.bytes"] ?? 0);
    words.unshift(`↑ ${bytes(sent)} ↓ ${bytes(back)}`);
  }
  if (words.length === 0) words.push(...OTHERS.map((field) => text(event[field])).filter(Boolean));
  return words.join("  ");
}
