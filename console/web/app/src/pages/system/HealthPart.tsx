import { Link } from "@tanstack/react-router";
import { useHealth } from "../../api/shelves";
import type { Health, Joint } from "../../api/types";
import { DenseTable } from "../../components/DenseTable";
import { Answered, Empty } from "../../components/states";
import { Span, When } from "../../components/When";
import { LossesPanel } from "./LossesPanel";
import { lostOf } from "./losses";
import { StorePart } from "./StorePart";
import { useWords } from "../../i18n";
import { bytes, number, span } from "../../i18n/format";
import { clause } from "../../state/lucene";
import "./health.css";

const TONE: Record<string, string> = { good: "good", lagging: "warn", lost: "bad", stopped: "bad", unknown: "" };
const SHAPE: Record<string, string> = { good: "●", lagging: "◷", lost: "✕", stopped: "■", unknown: "?" };
const SILENT_SECONDS = 600;

/** The pipeline from left to right: rate, lag and loss at each joint, then every source and store. */
export function HealthPart() {
  const { t } = useWords();
  const answer = useHealth();
  return (
    <Answered of={answer}>
      {(health) => (
        <>
          <section className="panel">
            <h2>{t("web.health.pipeline")}</h2>
            <ol className="pipeline">
              {health.joints.map((joint) => (
                <JointBox key={joint.id} joint={joint} />
              ))}
            </ol>
          </section>
          <Interfaces interfaces={health.interfaces} />
          <PacketStore store={health.packets} />
          <LossesPanel joints={health.joints} />
          <StorePart />
          <div className="row" style={{ alignItems: "flex-start", gap: 12 }}>
            <Sources sources={health.sources} />
            <Stored store={health.store} />
          </div>
          <Roles roles={health.roles} />
        </>
      )}
    </Answered>
  );
}

function JointBox({ joint }: { joint: Joint }) {
  const { t, word, language } = useWords();
  const lost = lostOf(joint);
  return (
    <li className={joint.status}>
      <div className="row">
        <h3 className="grow">{word("web.joint", joint.id)}</h3>
        <span className={`mark ${TONE[joint.status] ?? ""}`}>
          <span aria-hidden>{SHAPE[joint.status]}</span>
          {word("web.joint_status", joint.status)}
        </span>
      </div>
      <dl className="facts">
        <dt>{t("web.health.rate")}</dt>
        <dd>{joint.rate === null ? "—" : t("web.health.per_second", { rate: number(joint.rate, language, 1) })}</dd>
        <dt>{t("web.health.lag")}</dt>
        <dd>{joint.lag_seconds === null ? "—" : span(joint.lag_seconds, language)}</dd>
        <dt>{t("web.health.loss")}</dt>
        <dd className={lost.lately ? "amount lost" : ""}>{lost.total ? t("web.health.lost_of", { lately: number(lost.lately, language), total: number(lost.total, language) }) : "0"}</dd>
        {Object.entries(joint.detail)
          .filter(([, value]) => typeof value === "number" || typeof value === "string")
          .slice(0, 6)
          .map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{word("web.health.detail", name)}</dt>
              <dd className="clip" title={String(value)}>
                {typeof value === "number" ? number(value, language, 1) : String(value)}
              </dd>
            </div>
          ))}
        <dt>{t("web.health.at")}</dt>
        <dd>
          <When at={joint.at} />
        </dd>
      </dl>
    </li>
  );
}

const INTERFACE_TONE: Record<string, string> = { capturing: "good", down: "bad", failed: "bad" };
const INTERFACE_SHAPE: Record<string, string> = { capturing: "●", down: "✕", failed: "✕", starting: "◷", stopped: "■" };
const SECONDS_BEHIND = 2;

/** Captured interfaces: what the kernel dropped, how full the ring is, how far behind the wire. */
function Interfaces({ interfaces }: { interfaces: Health["interfaces"] }) {
  const { t, word, language } = useWords();
  const marked = (value: string, wrong: boolean) => <span style={{ color: wrong ? "var(--bad)" : undefined }}>{value}</span>;
  if (interfaces.length === 0) return null;
  return (
    <section className="panel">
      <h2>{t("web.health.interfaces")}</h2>
      <DenseTable
        label={t("web.health.interfaces")}
        rows={interfaces}
        rowKey={(row) => row.name}
        columns={[
          { key: "name", title: t("web.health.interface"), width: 130, cell: (row) => <span title={row.filter || undefined}>{row.plane ? `${row.name} · ${row.plane}` : row.name}</span> },
          {
            key: "status",
            title: t("web.health.status"),
            width: 110,
            cell: (row) => (
              <span className={`mark ${row.shedding ? "warn" : (INTERFACE_TONE[row.status] ?? "")}`}>
                <span aria-hidden>{row.shedding ? "◷" : INTERFACE_SHAPE[row.status]}</span>
                {word("web.interface_status", row.shedding ? "shedding" : row.status)}
              </span>
            ),
          },
          { key: "workers", title: t("web.health.workers"), width: 80, right: true, cell: (row) => `${row.workers}/${row.wanted}` },
          { key: "rate", title: t("web.health.packet_rate"), width: 110, right: true, cell: (row) => (row.packet_rate === null ? "—" : t("web.health.packets_per_second", { rate: number(row.packet_rate, language, 0) })) },
          { key: "packets", title: t("web.health.detail.packets"), width: 120, right: true, cell: (row) => number(row.packets, language) },
          { key: "drops", title: t("web.health.kernel_drops"), width: 150, right: true, cell: (row) => marked(row.drops ? `${number(row.drops, language)} (${number(row.drop_share * 100, language, 2)} %)` : "0", row.drops > 0) },
          { key: "freezes", title: t("web.health.freezes"), width: 90, right: true, cell: (row) => marked(number(row.freezes, language), row.freezes > 0) },
          { key: "ring", title: t("web.health.ring"), width: 130, right: true, cell: (row) => marked(t("web.health.ring_use", { used: row.blocks_used, peak: row.peak_blocks, total: row.blocks }), row.blocks > 0 && row.peak_blocks * 2 > row.blocks) },
          { key: "queue", title: t("web.health.queue"), width: 100, right: true, cell: (row) => marked(bytes(row.queue_bytes), row.waits_for_spool) },
          { key: "lag", title: t("web.health.wire_lag"), width: 100, right: true, cell: (row) => marked(span(row.lag_seconds, language), row.lag_seconds > SECONDS_BEHIND) },
          { key: "problem", title: t("web.health.problem"), cell: (row) => (row.problem ? <span title={row.problem.where}>{`${word("web.interface_problem", row.problem.code)} ${row.problem.next}`}</span> : "") },
        ]}
      />
    </section>
  );
}

const PACKET_TONE: Record<string, string> = { writing: "good", paused: "bad", failed: "bad" };
const PACKET_SHAPE: Record<string, string> = { writing: "●", paused: "◷", failed: "✕" };
const WHY: Record<string, string> = { "the disk is full up to the reserve": "full_reserve", "No space left on device": "full_disk" };

/** The packet store: how much it holds and how far back, and who writes it or why that pauses. */
function PacketStore({ store }: { store: Health["packets"] }) {
  const { t, word, language } = useWords();
  if (!store) return null;
  const most = bytes(store.max_bytes);
  return (
    <section className="panel">
      <h2>{t("web.health.packet_store")}</h2>
      <p className="padded" style={{ margin: 0 }} title={store.folder}>
        {store.segments === 0 ? t("web.health.packets_none", { most }) : t("web.health.packets_kept", { kept: bytes(store.bytes), most, segments: number(store.segments, language) })}
        {store.oldest && <When at={store.oldest} />}
        {store.max_hours > 0 && t("web.health.packets_hours", { hours: number(store.max_hours, language, 1) })}
        {store.sealed && t("web.health.packets_sealed")}
      </p>
      <DenseTable
        label={t("web.health.packet_store")}
        rows={store.writers}
        rowKey={(row) => row.writer}
        columns={[
          { key: "writer", title: t("web.health.writer"), width: 260, cell: (row) => <span title={row.writer}>{row.interface ? row.writer : `${row.writer} · ${t("web.health.of_files")}`}</span> },
          {
            key: "state",
            title: t("web.health.status"),
            width: 110,
            cell: (row) => (
              <span className={`mark ${PACKET_TONE[row.state] ?? ""}`}>
                <span aria-hidden>{PACKET_SHAPE[row.state]}</span>
                {word("web.packet_state", row.state)}
              </span>
            ),
          },
          { key: "packets", title: t("web.health.written_packets"), width: 140, right: true, cell: (row) => number(row.packets, language) },
          { key: "bytes", title: t("web.health.written_bytes"), width: 110, right: true, cell: (row) => bytes(row.bytes) },
          { key: "waiting", title: t("web.health.waiting_bytes"), width: 110, right: true, cell: (row) => bytes(row.waiting_bytes) },
          { key: "why", title: t("web.health.why"), cell: (row) => (row.why ? <span style={{ color: "var(--bad)" }}>{WHY[row.why] ? word("web.packet_why", WHY[row.why] ?? "") : row.why}</span> : "") },
        ]}
      />
    </section>
  );
}

function Sources({ sources }: { sources: Health["sources"] }) {
  const { t, language } = useWords();
  return (
    <section className="panel" style={{ flex: 1.4, minWidth: 0 }}>
      <h2>{t("web.health.sources")}</h2>
      {sources.length === 0 ? (
        <Empty title={t("web.health.no_sources")} next={t("web.health.no_sources_next")} />
      ) : (
        <DenseTable
          label={t("web.health.sources")}
          rows={sources}
          rowKey={(row) => `${row.sensor} ${row.dataset}`}
          columns={[
            { key: "sensor", title: t("web.health.sensor"), width: 130, cell: (row) => row.sensor },
            { key: "dataset", title: t("web.hunt.dataset"), width: 110, cell: (row) => <Link to="/hunt" search={{ q: clause("event.dataset", row.dataset), range: "all" } as never}>{row.dataset}</Link> },
            { key: "events", title: t("web.health.events"), width: 100, right: true, cell: (row) => number(row.events, language) },
            { key: "last", title: t("web.health.last"), cell: (row) => <When at={row.last} /> },
            { key: "silent", title: t("web.health.silent"), width: 130, right: true, cell: (row) => <span style={{ color: (row.silent_seconds ?? 0) > SILENT_SECONDS ? "var(--warn)" : undefined }}><Span seconds={row.silent_seconds} /></span> },
          ]}
        />
      )}
    </section>
  );
}

function Stored({ store }: { store: Health["store"] }) {
  const { t, language } = useWords();
  return (
    <section className="panel grow">
      <h2>{t("web.health.store")}</h2>
      <DenseTable
        label={t("web.health.store")}
        rows={store}
        rowKey={(row) => row.dataset}
        columns={[
          { key: "dataset", title: t("web.hunt.dataset"), cell: (row) => row.dataset },
          { key: "events", title: t("web.health.events"), width: 90, right: true, cell: (row) => number(row.events, language) },
          { key: "bytes", title: t("web.health.bytes"), width: 90, right: true, cell: (row) => bytes(row.bytes) },
          { key: "first", title: t("web.health.oldest"), width: 124, cell: (row) => <When at={row.first} /> },
        ]}
      />
    </section>
  );
}

function Roles({ roles }: { roles: Health["roles"] }) {
  const { t, word } = useWords();
  const rows = Object.entries(roles).map(([name, role]) => ({ name, role }));
  if (rows.length === 0) return null;
  return (
    <section className="panel">
      <h2>{t("web.health.roles")}</h2>
      <DenseTable
        label={t("web.health.roles")}
        rows={rows}
        rowKey={(row) => row.name}
        columns={[
          { key: "name", title: t("web.health.role"), width: 220, cell: (row) => word("web.machine_role", row.name) },
          { key: "at", title: t("web.health.at"), width: 160, cell: (row) => <When at={row.role.at} /> },
          {
            key: "more",
            title: t("web.history.detail"),
            cell: (row) => (
              <span className="mono muted">
                {Object.entries(row.role)
                  .filter(([name, value]) => name !== "at" && typeof value !== "object")
                  .map(([name, value]) => `${name}=${String(value)}`)
                  .join("  ")}
              </span>
            ),
          },
        ]}
      />
    </section>
  );
}
