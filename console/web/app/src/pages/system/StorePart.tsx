import { useStore } from "../../api/shelves";
import type { StoreAbout } from "../../api/types";
import { Answered } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { bytes, number, span } from "../../i18n/format";

const TONE: Record<string, string> = { good: "good", degraded: "warn", warning: "warn", bad: "bad" };
const SHAPE: Record<string, string> = { good: "●", degraded: "◷", warning: "◷", bad: "✕" };

/** Which event store this is, how it fares, what is wrong with it and what mends that. */
export function StorePart() {
  const { t } = useWords();
  const answer = useStore();
  return (
    <section className="panel">
      <h2>{t("web.store.title")}</h2>
      <div className="padded">
        <Answered of={answer}>{(about) => <About of={about} />}</Answered>
      </div>
    </section>
  );
}

function About({ of }: { of: StoreAbout }) {
  const { t, word, language } = useWords();
  const shown = (name: string, value: string | number) => (typeof value === "number" ? (BYTES.has(name) ? bytes(value) : number(value, language)) : value);
  const wrong = of.findings.filter((one) => one.status !== "good");
  return (
    <div className="stack">
      <div className="row wrap">
        <Mark status={of.status} />
        <strong>{word("web.store.kind", of.kind)}</strong>
        <span className="muted">{of.version}</span>
        <span className="mono clip" title={of.where}>
          {of.where}
        </span>
      </div>
      <div className="row wrap" style={{ gap: 18 }}>
        <Fact name={t("web.health.events")} value={number(of.events, language)} />
        <Fact name={t("web.health.bytes")} value={bytes(of.bytes)} />
        {Object.entries(of.facts)
          .filter(([name]) => name !== "bytes")
          .map(([name, value]) => (
            <Fact key={name} name={word("web.store.fact", name.replaceAll(" ", "_"))} value={shown(name, value)} />
          ))}
        {of.lag_seconds !== null && <Fact name={t("web.health.lag")} value={span(of.lag_seconds, language)} />}
      </div>
      <div className="row wrap">
        <span className="muted">{t("web.store.backup")}</span>
        {of.backup ? (
          <>
            <When at={of.backup.at} />
            <span>{t("web.store.backup_of", { events: number(of.backup.events, language), cipher: of.backup.cipher, seconds: span(of.backup.seconds, language) })}</span>
            <span className="mono clip">{of.backup.folder}</span>
          </>
        ) : (
          <span className="mark warn">{t("web.store.no_backup")}</span>
        )}
      </div>
      {wrong.length === 0 ? (
        <span className="muted">{t("web.store.looked", { count: of.findings.length })}</span>
      ) : (
        <ul style={{ margin: 0, paddingLeft: 0, listStyle: "none" }} className="stack tight">
          {wrong.map((one) => (
            <li key={one.what + one.found} className="row wrap">
              <Mark status={one.status} />
              <span>{one.what}</span>
              <span>{one.found}</span>
              {one.next && <code>{one.next}</code>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const BYTES = new Set(["disk free"]);

function Mark({ status }: { status: string }) {
  const { word } = useWords();
  return (
    <span className={`mark ${TONE[status] ?? ""}`}>
      <span aria-hidden>{SHAPE[status]}</span>
      {word("web.store.status", status)}
    </span>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <span>
      <span className="muted">{name}</span> <strong>{value}</strong>
    </span>
  );
}
