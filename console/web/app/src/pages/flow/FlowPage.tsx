import { DownloadOutlined } from "@ant-design/icons";
import { Link, useParams } from "@tanstack/react-router";
import { Button, Tabs } from "antd";
import { useFlow } from "../../api/events";
import { address } from "../../api/http";
import type { Flow } from "../../api/types";
import { AlertItem } from "../../components/AlertItem";
import { EventFields } from "../../components/EventFields";
import { Answered, Empty } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { clause } from "../../state/lucene";
import { useUrl } from "../../state/url";
import { text } from "../hunt/summary";
import { Ends } from "./Ends";
import { Packets } from "./Packets";
import { Said } from "./Said";

/** One conversation: who, what was said in order, how much, which alerts, and its packets. */
export function FlowPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useWords();
  const answer = useFlow(id);
  useTitle(t("web.flow.title"));
  return <Answered of={answer}>{(flow) => <Conversation id={id} flow={flow} />}</Answered>;
}

const TABS = ["said", "packets", "alerts", "fields"] as const;

function Conversation({ id, flow }: { id: string; flow: Flow }) {
  const { t, say, word } = useWords();
  const [url, change] = useUrl();
  const tab = TABS.find((name) => name === url.tab) ?? "said";
  const record = flow.flow ?? flow.records[0];
  if (!record) return <Empty title={t("web.flow.none")} next={t("web.flow.none_next")} />;
  const counts: Record<string, number | undefined> = { said: flow.records.length, alerts: flow.alerts.length };
  const part = (name: (typeof TABS)[number]) => {
    if (name === "said") return <Said records={flow.records} flow={id} />;
    if (name === "packets") return <Packets id={id} state={flow.packets} />;
    if (name === "fields") return <EventFields event={record} flow={id} />;
    if (flow.alerts.length === 0) return <Empty title={t("web.flow.no_alerts")} />;
    return (
      <div className="stack">
        {flow.alerts.map((alert) => (
          <AlertItem key={alert.id} alert={alert} />
        ))}
      </div>
    );
  };
  return (
    <div className="page scroll">
      <div className="row">
        <h1 className="grow">{t("web.flow.title")}</h1>
        {flow.incidents.map((incident) => (
          <Link key={incident.id} to="/incidents/$id" params={{ id: incident.id }} className="clip" style={{ maxWidth: 420 }}>
            {say(incident.title)}
          </Link>
        ))}
        <Link to="/hunt" search={{ q: clause("zeek.session_id", id), range: "all" } as never}>
          {t("web.flow.hunt")}
        </Link>
        {flow.packets.available && (
          <Button icon={<DownloadOutlined />} href={address("/api/flows/{session}/pcap", { session: id })} download>
            {t("web.flow.pcap")}
          </Button>
        )}
      </div>
      <Ends record={record} hasFlow={flow.flow !== null} flow={id} />
      <div className="panel" style={{ padding: "0 12px 12px" }}>
        <Tabs
          activeKey={tab}
          onChange={(next) => change({ tab: next, packet: "" })}
          destroyOnHidden
          items={TABS.map((name) => ({
            key: name,
            label: counts[name] === undefined ? word("web.flow.tab", name) : t("web.incident.tab_count", { name: word("web.flow.tab", name), count: counts[name] }),
            children: part(name),
          }))}
        />
      </div>
      <span className="muted mono">{text(record["network.community_id"])}</span>
    </div>
  );
}
