import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { FiledSystem } from "../../api/types";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";
import { ClockMark } from "./ClockMark";
import { Grade } from "./SystemsMatrix";
import { VerdictMark } from "./VerdictMark";
import { VERDICT_SHAPE, VERDICTS } from "./verdicts";

const IDEAS = 12;

/** The answer above the fold: verdicts, clocks, the conclusion with its sum; then what would lift it. */
export function Overview({ system }: { system: FiledSystem }) {
  const { t, say, word } = useWords();
  const [, change] = useUrl();
  const first = system.runs[0];
  return (
    <div className="page scroll">
      <div className="row wrap" style={{ gap: 18 }}>
        {VERDICTS.map((verdict) => (
          <button key={verdict} type="button" className={`tally ${verdict}`} onClick={() => change({ tab: "items", verdict })}>
            <strong>{system.counts[verdict] ?? 0}</strong>
            <span>{`${VERDICT_SHAPE[verdict]} ${word("web.conformity", verdict)}`}</span>
          </button>
        ))}
        <span className="grow" />
        {system.clocks.map((clock) => (
          <ClockMark key={clock.name} clock={clock} />
        ))}
      </div>
      {first && first.drift.length > 0 && (
        <div className={`notice ${first.drift.some((turned) => turned.worse) ? "warn" : ""}`}>
          <strong>{t("web.systems.drift", { count: first.drift.length })}</strong>
          <span className="row wrap">
            {first.drift.slice(0, 8).map((turned) => (
              <button key={`${turned.unit} ${turned.asset}`} type="button" className="plain" onClick={() => change({ tab: "items", unit: turned.unit })}>
                <span className="mono">{turned.unit}</span> {turned.asset} <VerdictMark of={turned.before} /> → <VerdictMark of={turned.after} />
              </button>
            ))}
          </span>
        </div>
      )}
      {first && first.problems.length > 0 && <div className="notice warn">{t("web.systems.problems", { problems: first.problems.slice(0, 3).join("；") })}</div>}
      <div className="halves">
        <Panel title={t("web.systems.conclusion")}>
          {system.conclusions.map((conclusion) => (
            <div key={conclusion.template} className="stack tight">
              <div className="row">
                <strong style={{ whiteSpace: "nowrap" }}>{t("web.systems.template", { template: conclusion.template })}</strong>
                {conclusion.template === system.conclusion.template && <span className="mark accent">{t("web.systems.in_use")}</span>}
                <Grade of={conclusion} />
                {conclusion.open_items > 0 && <span className="muted">{t("web.systems.range_means", { open: conclusion.open_items })}</span>}
              </div>
              <table className="trace">
                <tbody>
                  {conclusion.trace.map((line) => (
                    <tr key={line.name}>
                      <th scope="row">{word("paper.trace", line.name)}</th>
                      <td className="mono">{line.formula}</td>
                      <td className="mono right">{word("paper.grade_word", line.value)}</td>
                      <td className="muted">{say(line.mark)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          ))}
        </Panel>
        <WhatIf system={system} />
      </div>
    </div>
  );
}

function WhatIf({ system }: { system: FiledSystem }) {
  const { t, say } = useWords();
  return (
    <Panel title={t("web.systems.what_if")}>
      <p className="muted" style={{ margin: 0 }}>{t("web.systems.what_if_means")}</p>
      <table className="trace">
        <thead>
          <tr>
            <th scope="col">{t("web.systems.item")}</th>
            <th scope="col">{t("web.compliance.verdict")}</th>
            <th scope="col" className="right">{t("web.systems.lift")}</th>
            <th scope="col" className="right">{t("web.systems.work")}</th>
          </tr>
        </thead>
        <tbody>
          {system.what_if.slice(0, IDEAS).map((idea) => (
            <tr key={idea.unit}>
              <td>
                <Link to="." search={{ tab: "items", unit: idea.unit } as never}>
                  <span className="mono">{idea.unit}</span> {say(idea.title)}
                </Link>
                {idea.high_risk && <span className="mark bad" style={{ marginLeft: 6 }}>{t("web.systems.case", { id: idea.high_risk })}</span>}
              </td>
              <td>
                <VerdictMark of={idea.verdict} />
              </td>
              <td className="mono right">{`+${idea.lift}`}</td>
              <td className="mono right">{idea.days}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

export function Panel({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className="panel">
      <h2>{title}</h2>
      <div className="stack padded">{children}</div>
    </section>
  );
}
