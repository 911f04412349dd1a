import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { App, Button } from "antd";
import { useDrill, usePurgeDrill } from "../../api/shelves";
import { useCan } from "../../api/session";
import type { Scorecard, StepScore } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Answered, ProblemView } from "../../components/states";
import { useTitle } from "../../components/title";
import { Value } from "../../components/Value";
import { Span, When } from "../../components/When";
import { useWords } from "../../i18n";
import { number, secondsBetween, span } from "../../i18n/format";
import { AlertLinks } from "./AlertLinks";

const ORDER = { missed: 0, late: 1, detected: 2 } as const;
const TONE = { missed: "bad", late: "warn", detected: "good" } as const;
const SHAPE = { missed: "✕", late: "◷", detected: "✓" } as const;

export function ScorecardPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t, say } = useWords();
  const answer = useDrill(id);
  useTitle(answer.data ? say(answer.data.name) || answer.data.scenario : t("web.place.drills"));
  return <Answered of={answer}>{(card) => <Card card={card} />}</Answered>;
}

/** What the drill did step by step on the capture's clock, and what was seen of it; misses first. */
function Card({ card }: { card: Scorecard }) {
  const { t, say, language } = useWords();
  const steps = [...card.steps].sort((a, b) => ORDER[a.status] - ORDER[b.status] || Date.parse(a.start) - Date.parse(b.start));
  const zero = card.steps.map((step) => step.start).sort()[0] ?? "";
  const lasted = Math.max(1, ...card.steps.map((step) => secondsBetween(zero, step.start) + (step.seconds ?? 0)));
  const seen = card.steps.flatMap((step) => (step.seconds === null ? [] : [step.seconds]));
  const mean = seen.length > 0 ? seen.reduce((sum, seconds) => sum + seconds, 0) / seen.length : null;
  const columns: Column<StepScore>[] = [
    { key: "status", title: t("web.drill.status"), width: 96, cell: (step) => <Status of={step} /> },
    { key: "title", title: t("web.drill.step"), cell: (step) => say(step.title) },
    { key: "techniques", title: t("web.rules.techniques"), width: 130, cell: (step) => <span className="mono">{step.techniques.join(" ")}</span> },
    { key: "at", title: t("web.drill.clock"), width: 170, cell: (step) => <StepClock step={step} zero={zero} lasted={lasted} /> },
    { key: "seconds", title: t("web.drill.seconds"), width: 116, right: true, cell: (step) => <Span seconds={step.seconds} /> },
    { key: "rules", title: t("web.drill.by"), width: 230, cell: (step) => (step.rules.length ? step.rules.map((rule) => <div key={rule}><Value value={rule} kind="rule" shown={say(card.titles[rule]) || undefined} /></div>) : <span className="muted">{t("web.drill.nothing_seen")}</span>) },
    { key: "links", title: t("web.drill.links"), width: 150, cell: (step) => <AlertLinks alerts={step.alerts} incidents={step.incidents} /> },
  ];
  const figures: [string, string, string][] = [
    [t("web.drill.detected"), t("web.drill.of", { count: card.detected, total: card.steps.length }), card.detected === card.steps.length ? "good" : ""],
    [t("web.drill.late"), number(card.late, language), card.late ? "warn" : ""],
    [t("web.drill.missed"), number(card.missed, language), card.missed ? "bad" : ""],
    [t("web.drill.mean"), mean === null ? "—" : span(mean, language), ""],
    [t("web.drill.length"), span(card.capture_seconds, language), ""],
  ];
  return (
    <div className="page scroll">
      <div className="row">
        <h1>{say(card.name) || card.scenario}</h1>
        <When at={card.started} />
        <span className="muted">{t("web.drill.seeded", { seed: card.seed })}</span>
        <span className="grow" />
        <Link to="/queue" search={{ run: card.drill, tab: "all" } as never}>
          {t("web.drill.incidents")}
        </Link>
        <Purge id={card.drill} />
      </div>
      <div className="panel padded row wrap" style={{ gap: 36 }}>
        {figures.map(([label, value, tone]) => (
          <div key={label}>
            <div style={{ font: "600 20px/1.3 var(--mono)", color: tone ? `var(--${tone})` : undefined }}>{value}</div>
            <div className="muted">{label}</div>
          </div>
        ))}
        <div>
          <div className="row" style={{ font: "600 20px/1.3 var(--mono)" }}>
            {number(card.false_alerts, language)}
            <AlertLinks alerts={card.false_alert_ids} incidents={[]} />
          </div>
          <div className="muted">{t("web.drill.false_alerts")}</div>
        </div>
        <div>
          <div className="row" style={{ font: "600 20px/1.3 var(--mono)" }}>
            {number(card.false_incidents, language)}
            <AlertLinks alerts={[]} incidents={card.false_incident_ids} />
          </div>
          <div className="muted">{t("web.drill.false_incidents")}</div>
        </div>
      </div>
      <div className="panel" style={{ overflow: "auto" }}>
        <DenseTable loose label={t("web.drill.card")} columns={columns} rows={steps} rowKey={(step) => step.name} minWidth={1000} />
      </div>
    </div>
  );
}

function Status({ of }: { of: StepScore }) {
  const { word } = useWords();
  return (
    <span className={`mark ${TONE[of.status]}`}>
      <span aria-hidden>{SHAPE[of.status]}</span>
      {word("web.drill.step_status", of.status)}
    </span>
  );
}

/** When the step began; the bar under it runs from there to when it was seen, on the whole drill's clock. */
function StepClock({ step, zero, lasted }: { step: StepScore; zero: string; lasted: number }) {
  const { language } = useWords();
  const began = secondsBetween(zero, step.start);
  const percent = (seconds: number) => `${(100 * seconds) / lasted}%`;
  return (
    <div>
      <span className="row" style={{ gap: 6 }}>
        <When at={step.start} clock />
        <span className="muted">{`+${span(began, language)}`}</span>
      </span>
      <div aria-hidden style={{ position: "relative", height: 4, marginTop: 2, background: "var(--line)" }}>
        <div style={{ position: "absolute", left: percent(began), width: percent(step.seconds ?? 0), minWidth: 3, height: "100%", background: `var(--${TONE[step.status]})` }} />
      </div>
    </div>
  );
}

function Purge({ id }: { id: string }) {
  const { t } = useWords();
  const { modal } = App.useApp();
  const purge = usePurgeDrill();
  const can = useCan();
  const navigate = useNavigate();
  if (!can("act")) return null;
  const ask = () =>
    modal.confirm({
      title: t("web.drill.purge_title"),
      content: t("web.drill.purge_what"),
      okText: t("web.drill.purge"),
      okButtonProps: { danger: true },
      onOk: () => purge.mutateAsync(id).then(() => navigate({ to: "/drills" })),
    });
  return (
    <>
      {purge.error && <ProblemView error={purge.error} />}
      <Button danger onClick={ask}>
        {t("web.drill.purge")}
      </Button>
    </>
  );
}
