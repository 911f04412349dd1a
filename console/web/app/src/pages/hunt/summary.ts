import type { EventRecord } from "../../api/types";
import { bytes } from "../../i18n/format";

const FIELDS: Record<string, string[]> = {
  dns: ["dns.question.type", "dns.question.name", "dns.response_code", "dns.resolved_ip"],
  tls: ["tls.client.server_name", "tls.version", "tls.client.ja4"],
  http: ["http.request.method", "url.full", "http.response.status_code", "user_agent.original"],
  smb: ["smb.command", "smb.path", "file.name", "user.name", "event.reason"],
  flow: ["zeek.connection.state", "destination.domain"],
};
const OWN_SHOWN = 4;
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
  if (words.length === 0) words.push(...ownWords(event, dataset));
  return words.join("  ");
}

/** The first values that stand under the dataset's own name: what any protocol says of itself. */
function ownWords(event: EventRecord, dataset: string): string[] {
  return Object.entries(event)
    .filter(([field]) => field.startsWith(`${dataset}.`))
    .map(([, value]) => text(value))
    .filter(Boolean)
    .slice(0, OWN_SHOWN);
}
