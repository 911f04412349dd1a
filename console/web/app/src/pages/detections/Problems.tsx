import type { RuleProblem } from "../../api/types";
import { useWords } from "../../i18n";

/** What is wrong with the text, each with its line; pressing one goes there. */
export function Problems({ problems, onGo }: { problems: readonly RuleProblem[]; onGo(line: number): void }) {
  const { t } = useWords();
  if (problems.length === 0) return null;
  return (
    <section className="problems" aria-label={t("web.editor.problems")}>
      {problems.map((problem, index) => (
        <button key={index} type="button" onClick={() => onGo(problem.line)}>
          <span aria-label={t(problem.severity === "error" ? "web.editor.error" : "web.editor.warning")} style={{ color: problem.severity === "error" ? "var(--bad)" : "var(--warn)" }}>
            {problem.severity === "error" ? "✕" : "△"}
          </span>
          <span className="mono muted">{`${problem.line}:${problem.column}`}</span>
          <span>
            {problem.message}
            {problem.next && <span className="muted">{` · ${problem.next}`}</span>}
          </span>
        </button>
      ))}
    </section>
  );
}
