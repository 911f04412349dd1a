import { Button, Spin } from "antd";
import type { ReactNode } from "react";
import { asProblem } from "../api/problem";
import { useWords } from "../i18n";

export function Loading() {
  const { t } = useWords();
  return (
    <div className="state" role="status" aria-label={t("web.state.loading")}>
      <Spin />
    </div>
  );
}

/** Nothing here: why, and what to do next. */
export function Empty({ title, next, children }: { title: string; next?: string; children?: ReactNode }) {
  return (
    <div className="state">
      <strong>{title}</strong>
      {next}
      {children && <div className="row">{children}</div>}
    </div>
  );
}

/** What failed, where, what to do, its number, and another try. */
export function ProblemView({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t, word } = useWords();
  const problem = asProblem(error);
  const known = word("web.problem", problem.code);
  const title = known !== problem.code ? known : problem.message;
  const detail = problem.detail || problem.message;
  const next = problem.code === "offline" ? t("web.state.offline_next") : problem.next;
  return (
    <div className="problem" role="alert">
      <strong>{title}</strong>
      {detail && detail !== title && problem.code !== "offline" && <div>{detail}</div>}
      {problem.where && <div className="mono">{problem.where}</div>}
      {next && <div>{next}</div>}
      <div className="row" style={{ marginTop: 6 }}>
        {onRetry && problem.status !== 403 && <Button onClick={onRetry}>{t("web.state.retry")}</Button>}
        {problem.id && <span className="muted mono">{t("web.state.problem_id", { id: problem.id })}</span>}
      </div>
    </div>
  );
}

interface Answer<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch(): unknown;
}

/** Shows an answer, or honestly why there is none. Old data stays in sight with the failure above it. */
export function Answered<T>({ of, children }: { of: Answer<T>; children(data: T): ReactNode }) {
  if (of.data !== undefined) {
    return (
      <>
        {of.error !== null && <ProblemView error={of.error} onRetry={() => of.refetch()} />}
        {children(of.data)}
      </>
    );
  }
  if (of.error) return <ProblemView error={of.error} onRetry={() => of.refetch()} />;
  return <Loading />;
}
