import { useNavigate } from "@tanstack/react-router";
import type { Stage } from "../../api/types";
import { TACTICS, useTactic, useWords } from "../../i18n";
import { shortTime } from "../../i18n/format";
import { useUrl } from "../../state/url";
import "./incident.css";

/** The fourteen tactics in order; a reached one shows its first time and opens its alerts. */
export function StageRow({ stages }: { stages: readonly Stage[] }) {
  const { t, language } = useWords();
  const name = useTactic();
  const [url] = useUrl();
  const navigate = useNavigate();
  return (
    <ol className="stage-row" aria-label={t("web.incident.stages")}>
      {TACTICS.map((tactic) => {
        const stage = stages.find((candidate) => candidate.tactic === tactic.key);
        const at = stage && shortTime(stage.first, language);
        return (
          <li key={tactic.key} className={stage ? "on" : ""}>
            {stage ? (
              <button type="button" title={`${tactic.id} ${stage.techniques.join(" ")} · ${at ?? ""}`} onClick={() => void navigate({ to: ".", search: { ...url, tab: "alerts", alerts: stage.alerts.join(",") } as never })}>
                <span className="clip">{name(tactic.key)}</span>
                <span className="mono clip">{stage.techniques.join(" ") || tactic.id}</span>
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
