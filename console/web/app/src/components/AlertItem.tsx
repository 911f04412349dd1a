import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useGuidance } from "../api/rules";
import type { Alert, Fact } from "../api/types";
import { useTactic, useWords } from "../i18n";
import { number } from "../i18n/format";
import "../pages/incident/incident.css";
import { clause } from "../state/lucene";
import { EntityValue } from "./EntityValue";
import { around, Credit, GuidanceView } from "./GuidanceView";
import { SeverityMark } from "./Severity";
import { Answered } from "./states";
import { Value } from "./Value";
import { When } from "./When";

const EVENTS_IN_QUERY = 20;
const INNER = new Set(["case"]); // facts by which correlation finds its own again

/** One alert with why: the sentence, the value beside what would be normal, and the events behind it. */
export function AlertItem({ alert, children }: { alert: Alert; children?: ReactNode }) {
  const { t, say, word, language } = useWords();
  const tactic = useTactic();
  const [guided, setGuided] = useState(false);
  const query = alert.events.slice(0, EVENTS_IN_QUERY).map((id) => clause("event.id", id)).join(" OR ");
  return (
    <article className="alert-item" style={{ borderLeftColor: `var(--sev-${alert.severity})` }}>
      <div className="row">
        <SeverityMark of={alert.severity} />
        <strong className="grow">{say(alert.title)}</strong>
        <span className="mark">{word("web.detection_kind", alert.kind)}</span>
        <When at={alert.first} />
        {alert.last !== alert.first && (
          <>
            <span className="muted">→</span>
            <When at={alert.last} />
          </>
        )}
      </div>
      <p style={{ margin: "4px 0" }}>{say(alert.reason)}</p>
      <Facts facts={alert.facts.filter((fact) => !INNER.has(fact.name))} />
      <div className="row wrap" style={{ marginTop: 6, gap: 10 }}>
        {alert.entities.map((entity) => (
          <EntityValue key={entity.kind + entity.value + entity.role} entity={entity} role />
        ))}
      </div>
      <div className="row wrap muted" style={{ marginTop: 6, fontSize: 12, gap: 12 }}>
        {alert.kind === "foreign" ? <span className="mono">{alert.rule}</span> : <Value value={alert.rule} kind="rule" />}
        <span>{[...alert.tactics.map(tactic), ...alert.techniques].join(" · ")}</span>
        {alert.kind !== "foreign" && <span>{t("web.alert.fidelity", { percent: number(alert.fidelity * 100, language) })}</span>}
        <Credit author={alert.author} licence={alert.licence} />
        <span className="grow" />
        <button type="button" className="plain" style={{ color: "var(--accent)" }} aria-expanded={guided} onClick={() => setGuided(!guided)}>
          {t(guided ? "web.guide.hide" : "web.guide.show")}
        </button>
        {alert.events.length > 0 && (
          <Link to="/hunt" search={{ q: query, range: "all" } as never}>
            {t("web.alert.events", { count: alert.events.length, total: number(Math.max(alert.count, alert.events.length), language) })}
          </Link>
        )}
      </div>
      {children}
      {guided && <Guided alert={alert} />}
    </article>
  );
}

function Guided({ alert }: { alert: Alert }) {
  const { t } = useWords();
  const answer = useGuidance(alert.id);
  return (
    <div style={{ borderTop: "1px solid var(--faint)", marginTop: 8, paddingTop: 8 }}>
      <Answered of={answer}>{({ guidance }) => (guidance ? <GuidanceView guidance={guidance} when={around(alert.first, alert.last)} /> : <span className="muted">{t("web.guide.none")}</span>)}</Answered>
    </div>
  );
}

const HEADS = {
  measured: ["web.fact.value", "web.fact.baseline"],
  required: ["web.fact.value", "web.fact.required"],
  limits: ["web.fact.required", "web.fact.origin"],
} as const;

/** Measured values beside what would be normal, or what a clause requires; or the limits alone. */
export function Facts({ facts, as = "measured" }: { facts: readonly Fact[]; as?: keyof typeof HEADS }) {
  const { t, word, language } = useWords();
  if (facts.length === 0) return null;
  const show = (value: number | string | null) => (typeof value === "number" ? number(value, language, 3) : (value ?? "—"));
  const compared = facts.some((fact) => fact.baseline !== null && fact.baseline !== undefined);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t("web.fact.name")}</th>
          <th scope="col">{t(HEADS[as][0])}</th>
          {compared && <th scope="col">{t(HEADS[as][1])}</th>}
        </tr>
      </thead>
      <tbody>
        {facts.map((fact) => (
          <tr key={fact.name}>
            <th scope="row">{word("web.fact_name", fact.name)}</th>
            <td>{`${show(fact.value)}${fact.unit ? ` ${word("web.unit", fact.unit)}` : ""}`}</td>
            {compared && <td>{show(fact.baseline)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
