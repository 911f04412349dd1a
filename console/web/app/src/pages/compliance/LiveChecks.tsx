import { Button, Segmented } from "antd";
import { useCompliance, useStartCheck } from "../../api/shelves";
import { useCan } from "../../api/session";
import type { Compliance, Conformity, ControlUnit } from "../../api/types";
import { JobProgress } from "../../components/JobProgress";
import { Answered, Empty, ProblemView } from "../../components/states";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";
import { CheckedUnits } from "./CheckedUnits";
import { UnitDrawer } from "./UnitDrawer";
import { VERDICT_SHAPE, VERDICTS } from "./verdicts";

/** What telemetry alone proves of the clauses, for the whole installation: areas down, units across. */
export function LiveChecks() {
  const { t } = useWords();
  const answer = useCompliance();
  const start = useStartCheck();
  const can = useCan();
  return (
    <>
      {can("comply") && (
        <div className="bar">
          <span className="grow muted">{t("web.systems.live_means")}</span>
          <JobProgress id={start.data?.id} />
          <Button loading={start.isPending} onClick={() => start.mutate(undefined)}>
            {t("web.compliance.run")}
          </Button>
        </div>
      )}
      {start.error && <ProblemView error={start.error} />}
      <Answered of={answer}>{(compliance) => <Matrix compliance={compliance} />}</Answered>
    </>
  );
}

function Matrix({ compliance }: { compliance: Compliance }) {
  const { t, say, word } = useWords();
  const [url, change] = useUrl();
  const all = compliance.areas.flatMap((area) => area.units);
  const open = all.find((unit) => unit.unit === url.unit);
  const checked = all.filter((unit) => unit.checks.length > 0);
  const decided = all.filter((unit) => unit.verdict !== null).length;
  const whole = url.show === "all" || checked.length === 0;
  const areas = compliance.areas.map((area) => ({ ...area, units: whole ? area.units : area.units.filter((unit) => unit.checks.length > 0) }));
  const only = url.verdict as Conformity | undefined;
  if (all.length === 0) return <Empty title={t("web.compliance.none")} next={t("web.compliance.none_next")} />;
  return (
    <div className="split" style={{ position: "relative" }}>
      <div className="page scroll grow">
        <div className="row wrap" style={{ gap: 18 }}>
          {VERDICTS.map((verdict) => (
            <button key={verdict} type="button" className={`tally ${verdict}`} aria-pressed={only === verdict} onClick={() => change({ verdict: only === verdict ? "" : verdict })}>
              <strong>{compliance.counts[verdict] ?? 0}</strong>
              <span>
                <span aria-hidden>{`${VERDICT_SHAPE[verdict]} `}</span>
                {word("web.conformity", verdict)}
              </span>
            </button>
          ))}
          <span className="muted grow right">{t("web.compliance.coverage", { decided, units: checked.length, catalogue: compliance.catalogue_units })}</span>
          <Segmented
            value={whole ? "all" : "checked"}
            onChange={(show) => change({ show: show === "all" ? "all" : "" })}
            options={[
              { value: "checked", label: t("web.compliance.only_checked") },
              { value: "all", label: t("web.compliance.all_units") },
            ]}
          />
        </div>
        {!whole && <CheckedUnits areas={only ? areas.map((area) => ({ ...area, units: area.units.filter((unit) => unit.verdict === only) })) : areas} current={url.unit} onOpen={(unit) => change({ unit })} />}
        {whole && areas.map((area) => (
          <section key={area.area.en} className="panel">
            <h2>{say(area.area)}</h2>
            <div className="matrix">
              {area.units.map((unit) => (
                <Cell key={unit.unit} unit={unit} faded={only !== undefined && unit.verdict !== only} current={unit.unit === url.unit} onOpen={() => change({ unit: unit.unit })} />
              ))}
            </div>
          </section>
        ))}
      </div>
      {open && <UnitDrawer unit={open} onClose={() => change({ unit: "" })} />}
    </div>
  );
}

function Cell({ unit, faded, current, onOpen }: { unit: ControlUnit; faded: boolean; current: boolean; onOpen(): void }) {
  const { t, say, word } = useWords();
  const verdict = unit.verdict;
  const told = verdict ? word("web.conformity", verdict) : t("web.compliance.undecided");
  return (
    <button type="button" className={`cell ${verdict ?? "none"} ${faded ? "faded" : ""} ${current ? "current" : ""}`} title={`${unit.unit} · ${say(unit.title)}`} aria-label={`${unit.unit} ${say(unit.title)} ${told}`} onClick={onOpen}>
      <span className="sign" aria-hidden>
        {verdict ? VERDICT_SHAPE[verdict] : unit.checks.length > 0 ? "○" : "·"}
      </span>
      <span className="mono">{`${unit.clause} ${unit.item}`}</span>
      <span className="clip point">{say(unit.control_point)}</span>
    </button>
  );
}
