import { Link } from "@tanstack/react-router";
import type { ControlUnit, Finding } from "../../api/types";
import { Facts } from "../../components/AlertItem";
import { SideDrawer } from "../../components/SideDrawer";
import { Value } from "../../components/Value";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { VerdictMark } from "./VerdictMark";

/** One assessment unit: the clause, what is checked, the verdict with its proof, and what mends it. */
export function UnitDrawer({ unit, onClose }: { unit: ControlUnit; onClose(): void }) {
  const { t, say } = useWords();
  return (
    <SideDrawer
      name="unit"
      onClose={onClose}
      title={
        <div className="stack tight">
          <h2>{say(unit.title)}</h2>
          <div className="row wrap">
            {unit.verdict && <VerdictMark of={unit.verdict} />}
            <span className="mono">{unit.unit}</span>
            <span className="muted">{t("web.compliance.clause", { clause: unit.item ? `${unit.clause} ${unit.item})` : unit.clause, point: say(unit.control_point) })}</span>
          </div>
        </div>
      }
    >
      <div className="stack wide">
        {unit.finding ? <Proof finding={unit.finding} /> : <p className="muted">{t(unit.checks.length > 0 ? "web.compliance.not_run" : "web.compliance.no_check")}</p>}
        {unit.checks.length > 0 && (
          <section className="stack tight">
            <h3>{t("web.compliance.checks")}</h3>
            {unit.checks.map((check) => (
              <div key={check.id} className="alert-item">
                <strong>{say(check.claim)}</strong> <span className="muted mono">{check.id}</span>
                <Facts facts={check.limits} as="limits" />
              </div>
            ))}
          </section>
        )}
        {unit.history.length > 0 && (
          <section className="stack tight">
            <h3>{t("web.compliance.history")}</h3>
            {unit.history.map((past) => (
              <div key={past.time} className="row">
                <When at={past.time} />
                <VerdictMark of={past.verdict} />
              </div>
            ))}
          </section>
        )}
      </div>
    </SideDrawer>
  );
}

/** A query that begins with `state:` is asked of the state, not of the events. */
const huntable = (query: string) => query !== "" && !query.startsWith("state:");

function Proof({ finding }: { finding: Finding }) {
  const { t, say } = useWords();
  return (
    <section className="stack">
      <p style={{ margin: 0, fontSize: 14 }}>{say(finding.reason)}</p>
      <div className="alert-item">
        <Facts facts={finding.facts} as="required" />
      </div>
      {say(finding.repair) && (
        <div className="notice warn" style={{ alignItems: "flex-start" }}>
          <strong style={{ whiteSpace: "nowrap" }}>{t("web.compliance.repair")}</strong>
          <span>{say(finding.repair)}</span>
        </div>
      )}
      <dl className="facts" style={{ fontSize: 12 }}>
        <dt>{t("web.compliance.evidence")}</dt>
        <dd>
          <When at={finding.since} /> → <When at={finding.until} />
        </dd>
        <dt>{t("web.compliance.decided_at")}</dt>
        <dd>
          <When at={finding.time} />
        </dd>
        <dt>{t("web.compliance.query")}</dt>
        <dd>
          {huntable(finding.query) ? (
            <Link className="mono" to="/hunt" search={{ q: finding.query, since: finding.since, until: finding.until } as never}>
              {finding.query}
            </Link>
          ) : (
            <span className="mono">{finding.query || "—"}</span>
          )}
        </dd>
        <dt>{t("web.compliance.hash")}</dt>
        <dd>
          <Value whole value={finding.hash} />
        </dd>
        <dt>{t("web.compliance.author")}</dt>
        <dd>{finding.author}</dd>
      </dl>
    </section>
  );
}
