import { useUnitName } from "../../api/shelves";
import type { EventRecord } from "../../api/types";
import { Facts } from "../../components/Facts";
import { Value } from "../../components/Value";
import { Span, When } from "../../components/When";
import { useWords } from "../../i18n";
import { bytes, number } from "../../i18n/format";
import { text } from "../hunt/summary";
import "./flow.css";

type Side = "source" | "destination";

/** Both ends with their unit and zone, and between them what went each way. */
export function Ends({ record, hasFlow, flow }: { record: EventRecord; hasFlow: boolean; flow: string }) {
  const { t, language } = useWords();
  const sent = Number(record["source.bytes"] ?? 0);
  const back = Number(record["destination.bytes"] ?? 0);
  const most = Math.max(sent, back, 1);
  const way = (from: Side, amount: number) => {
    const packets = Number(record[`${from}.packets`] ?? 0);
    return (
      <div className={`way ${from}`}>
        <span className="meter" aria-hidden>
          <i style={{ width: `${(amount / most) * 100}%` }} />
        </span>
        <span className="mono">{t(from === "source" ? "web.flow.sent" : "web.flow.back", { bytes: bytes(amount), packets: number(packets, language) })}</span>
      </div>
    );
  };
  const duration = record["event.duration"];
  return (
    <section className="panel ends">
      <End record={record} side="source" flow={flow} />
      <div className="between">
        <div className="row" style={{ justifyContent: "center" }}>
          <strong>{text(record["network.protocol"]) || text(record["event.dataset"])}</strong>
          <span className="mark">{text(record["network.transport"])}</span>
          {Boolean(record["zeek.connection.state"]) && <span className="mark mono">{text(record["zeek.connection.state"])}</span>}
        </div>
        {hasFlow ? (
          <>
            {way("source", sent)}
            {way("destination", back)}
          </>
        ) : (
          <span className="muted">{t("web.flow.no_record")}</span>
        )}
        <div className="row" style={{ justifyContent: "center" }}>
          <When at={text(record["event.start"]) || text(record["@timestamp"])} />
          {typeof duration === "number" && <Span seconds={duration / 1e9} />}
        </div>
      </div>
      <End record={record} side="destination" flow={flow} />
    </section>
  );
}

function End({ record, side, flow }: { record: EventRecord; side: Side; flow: string }) {
  const { t, word } = useWords();
  const unitName = useUnitName();
  const facts: [string, string][] = [
    [t("web.flow.asset"), text(record[`cn.${side}.asset`])],
    [t("web.flow.unit"), unitName(text(record[`cn.${side}.unit`]))],
    [t("web.flow.zone"), text(record[`cn.${side}.zone`])],
    [t("web.flow.mac"), text(record[`${side}.mac`])],
  ];
  const name = text(record[`${side}.domain`]);
  return (
    <div className="end">
      <span className="muted">{word("web.flow.side", side)}</span>
      <div style={{ fontSize: 15 }}>
        <Value value={text(record[`${side}.ip`])} field={`${side}.ip`} flow={flow} />
        <span className="mono">{` : ${text(record[`${side}.port`])}`}</span>
      </div>
      {name && <Value value={name} field={`${side}.domain`} flow={flow} />}
      <Facts rows={facts} style={{ fontSize: 12 }} />
    </div>
  );
}
