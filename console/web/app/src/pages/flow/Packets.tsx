import { Button } from "antd";
import { usePacket, usePackets } from "../../api/events";
import type { Dissection, Flow, Packet } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Answered, Empty } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { useKeys } from "../../keyboard/keys";
import { useUrl } from "../../state/url";
import "../hunt/hunt.css";

const PAGE = 200;

/** The packets of a flow: list, dissection and bytes; or why there are none. */
export function Packets({ id, state }: { id: string; state: Flow["packets"] }) {
  const { t, say } = useWords();
  if (!state.available) return <Empty title={t("web.packets.none")} next={say(state.why)} />;
  return <PacketList id={id} />;
}

function PacketList({ id }: { id: string }) {
  const { t, word, language } = useWords();
  const [url, change] = useUrl();
  const limit = Number(url.packets ?? PAGE) || PAGE;
  const answer = usePackets(id, limit);
  const packets = answer.data?.packets ?? [];
  const chosen = Number(url.packet ?? packets[0]?.number ?? 0);
  const at = packets.findIndex((packet) => packet.number === chosen);
  const go = (index: number) => packets[index] && change({ packet: String(packets[index].number) }, true);
  useKeys([
    { keys: "j", label: "web.keys.down", run: () => go(at + 1) },
    { keys: "k", label: "web.keys.up", run: () => go(at - 1) },
  ]);
  const columns: Column<Packet>[] = [
    { key: "number", title: t("web.packets.number"), width: 64, right: true, cell: (packet) => packet.number },
    { key: "time", title: t("web.hunt.time"), width: 200, cell: (packet) => <When at={packet.time} fine /> },
    { key: "source", title: t("web.hunt.source"), width: 150, cell: (packet) => <span className="mono">{packet.source}</span> },
    { key: "destination", title: t("web.hunt.destination"), width: 150, cell: (packet) => <span className="mono">{packet.destination}</span> },
    { key: "protocol", title: t("web.packets.protocol"), width: 88, cell: (packet) => packet.protocol },
    { key: "length", title: t("web.packets.length"), width: 64, right: true, cell: (packet) => packet.length },
    { key: "info", title: t("web.packets.info"), cell: (packet) => <span className="mono">{packet.info}</span> },
  ];
  return (
    <Answered of={answer}>
      {(page) => (
        <div className="packets">
          <div className="list">
            <div className="row muted" style={{ padding: "6px 12px" }}>
              <span>{t("web.packets.count", { count: number(page.total, language) })}</span>
              <span className="mark">{word("web.packets.origin", page.origin)}</span>
            </div>
            {page.cut && (
              <div className="notice warn" role="status">
                {t("web.packets.cut", { id })}
              </div>
            )}
            {!page.cut && page.expected !== null && page.total < page.expected && (
              <div className="notice warn" role="status">
                {t("web.packets.fewer", { expected: number(page.expected, language), total: number(page.total, language) })}
              </div>
            )}
            {(page.bounded || page.total > page.packets.length) && (
              <div className="notice warn">
                <span className="grow">{t("web.packets.bounded", { count: page.packets.length, total: page.total })}</span>
                {page.total > page.packets.length && <Button onClick={() => change({ packets: String(limit + PAGE) }, true)}>{t("web.hunt.more")}</Button>}
              </div>
            )}
            <DenseTable label={t("web.packets.label")} columns={columns} rows={page.packets} rowKey={(packet) => String(packet.number)} current={String(chosen)} onOpen={(packet) => change({ packet: String(packet.number) }, true)} minWidth={900} />
          </div>
          {chosen > 0 && <PacketView id={id} chosen={chosen} />}
        </div>
      )}
    </Answered>
  );
}

function PacketView({ id, chosen }: { id: string; chosen: number }) {
  const answer = usePacket(id, chosen);
  return (
    <Answered of={answer}>
      {(packet) => (
        <div className="detail">
          <div>
            <Tree nodes={packet.tree} open />
          </div>
          <pre className="hex">{packet.hex.map((line) => `${offset(line.offset)}  ${line.hex.padEnd(48)} ${line.text}`).join("\n")}</pre>
        </div>
      )}
    </Answered>
  );
}

const offset = (value: string | number) => (typeof value === "number" ? value.toString(16).padStart(4, "0") : value);

function Tree({ nodes, open = false }: { nodes: readonly Dissection[]; open?: boolean }) {
  return (
    <ul className="tree">
      {nodes.map((node, index) => {
        const label = node.value ? `${node.label}: ${node.value}` : node.label;
        return (
          <li key={index}>
            {node.children && node.children.length > 0 ? (
              <details open={open && index === nodes.length - 1}>
                <summary>{label}</summary>
                <Tree nodes={node.children} />
              </details>
            ) : (
              label
            )}
          </li>
        );
      })}
    </ul>
  );
}
