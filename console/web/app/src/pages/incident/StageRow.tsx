import type { Bucket, Stage } from "../../api/types";
import { TACTICS, useTactic, useWords } from "../../i18n";
import { number, shortTime } from "../../i18n/format";
import { useUrl } from "../../state/url";
import "./incident.css";

/** The fourteen tactics in order with their alerts; a reached one narrows the whole page to it. */
export function StageRow({ stages, tactics }: { stages: readonly Stage[]; tactics: readonly Bucket[] }) {
  const { t, language } = useWords();
  const name = useTactic();
  const [url, change] = useUrl();
  return (
    <ol className="stage-row" aria-label={t("web.incident.stages")}>
      {TACTICS.map((tactic) => {
        const stage = stages.find((candidate) => candidate.tactic === tactic.key);
        const count = tactics.find((each) => each.key === tactic.key)?.count ?? stage?.alerts ?? 0;
        const told = { id: tactic.id, name: name(tactic.key), count: number(count, language), at: shortTime(stage?.first, language) };
        const on = url.tactic === tactic.key;
        return (
          <li key={tactic.key} className={`${count > 0 ? "on" : ""} ${on ? "chosen" : ""}`}>
            {count > 0 ? (
              <button type="button" aria-pressed={on} title={t("web.incident.stage_title", told)} aria-label={t("web.incident.stage_title", told)} onClick={() => change({ tactic: on ? "" : tactic.key, pick: "" })}>
                <span className="clip">{name(tactic.key)}</span>
                <span className="mono clip">{number(count, language)}</span>
              </button>
            ) : (
              <span className="clip" title={`${tactic.id} ${name(tactic.key)}`}>
                {name(tactic.key)}
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}
