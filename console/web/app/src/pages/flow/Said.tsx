import type { EventRecord } from "../../api/types";
import { Empty } from "../../components/states";
import { Value } from "../../components/Value";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";
import { EventDrawer } from "../hunt/EventDrawer";
import { text } from "../hunt/summary";

const TELLING: Record<string, string[]> = {
  dns: ["dns.question.type", "dns.question.name", "dns.response_code", "dns.resolved_ip", "dns.answers.data"],
  tls: ["tls.client.server_name", "tls.version", "tls.cipher", "tls.client.ja4", "tls.server.subject"],
  http: ["http.request.method", "url.full", "http.response.status_code", "http.response.mime_type", "user_agent.original"],
  smb: ["smb.command", "smb.path", "smb.file.name"],
  ssh: ["ssh.client.banner", "ssh.server.banner"],
  flow: ["zeek.connection.history", "network.bytes"],
};

const others = (record: EventRecord) => Object.keys(record).filter((name) => !/^(event|observer|network|source|destination|cn|zeek|fengsui|related|@timestamp)/.test(name));

/** What was said, in order of time. */
export function Said({ records, flow }: { records: readonly EventRecord[]; flow: string }) {
  const { t } = useWords();
  const [url, change] = useUrl();
  if (records.length === 0) return <Empty title={t("web.flow.silent")} />;
  return (
    <>
      <ol className="said">
        {records.map((record) => {
          const dataset = text(record["event.dataset"]);
          const fields = (TELLING[dataset] ?? others(record)).filter((field) => text(record[field]));
          return (
            <li key={text(record["event.id"])}>
              <When at={text(record["@timestamp"])} fine />
              <span className="mark">{dataset}</span>
              <span className="row wrap" style={{ gap: "2px 12px" }}>
                {fields.flatMap((field) => {
                  const value = record[field];
                  return (Array.isArray(value) ? value : [value]).slice(0, 6).map((one, index) => <Value key={field + index} value={String(one)} field={field} flow={flow} />);
                })}
              </span>
              <button type="button" className="plain" style={{ color: "var(--accent)" }} onClick={() => change({ event: text(record["event.id"]) })}>
                {t("web.flow.all_fields")}
              </button>
            </li>
          );
        })}
      </ol>
      {url.event && (
        <div style={{ position: "fixed", inset: "40px 0 0 72px", pointerEvents: "none" }}>
          <div style={{ pointerEvents: "auto" }}>
            <EventDrawer key={url.event} id={url.event} onClose={() => change({ event: "" })} />
          </div>
        </div>
      )}
    </>
  );
}
