import { TACTICS, useTactic, useWords } from "../i18n";

/** Fourteen cells, one a tactic of ATT&CK in order; the filled ones were reached. */
export function StageStrip({ tactics }: { tactics: readonly string[] }) {
  const { t } = useWords();
  const name = useTactic();
  const reached = tactics.map(name).join(" → ");
  const label = t("web.stages.reached", { count: tactics.length, names: reached });
  return (
    <span className="stages" role="img" aria-label={label} title={label}>
      {TACTICS.map((tactic) => (
        <i key={tactic.key} className={tactics.includes(tactic.key) ? "on" : ""} />
      ))}
    </span>
  );
}
