import { Button, Input } from "antd";
import { useState } from "react";
import { useCan } from "../../api/session";
import { useSystemItem, useWithdraw } from "../../api/systems";
import type { FiledSystem, SystemItemPage, Text } from "../../api/types";
import { SideDrawer } from "../../components/SideDrawer";
import { Answered, ProblemView } from "../../components/states";
import { Value } from "../../components/Value";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { AssignForm } from "./AssignForm";
import { RecordForm } from "./RecordForm";
import { TaskCard } from "./TaskCard";
import { VerdictMark } from "./VerdictMark";

/** One item: what is asked, what was found on which asset, who mends it, how it went. */
export function ItemDrawer({ system, unit, onClose }: { system: FiledSystem; unit: string; onClose(): void }) {
  const answer = useSystemItem(system.id, unit);
  const { say, t } = useWords();
  const row = system.rows.find((item) => item.unit === unit);
  return (
    <SideDrawer
      name="item"
      onClose={onClose}
      title={
        <div className="stack tight">
          <h2>{row ? say(row.title) : unit}</h2>
          {row && (
            <div className="row wrap">
              <VerdictMark of={row.verdict} />
              <span className="mono">{unit}</span>
              <span className="muted">{t("web.compliance.clause", { clause: row.item ? `${row.clause} ${row.item})` : row.clause, point: say(row.control_point) })}</span>
            </div>
          )}
        </div>
      }
    >
      <Answered of={answer}>{(page) => <Page system={system} page={page} />}</Answered>
    </SideDrawer>
  );
}

function Page({ system, page }: { system: FiledSystem; page: SystemItemPage }) {
  const { t, say, word } = useWords();
  const can = useCan();
  const [form, setForm] = useState<"" | "record" | "not_applicable">("");
  const writes = can("comply");
  const findings = page.findings as unknown as Finding[];
  const texts = new Map(findings.flatMap((finding) => (finding.steps ?? []).map((step) => [step.name, say(step.text)] as const)));
  const stepName = (step: string) => texts.get(step) ?? word("web.step", step);
  return (
    <div className="stack wide">
      <p style={{ margin: 0, fontSize: 14 }}>{say(page.row.reason)}</p>
      {page.text && <blockquote className="requirement">{page.text}</blockquote>}
      {page.risk && (
        <div className="notice warn">
          <strong>{t("web.systems.case", { id: page.risk.id })}</strong>
          {page.risk.title} · {word("paper.case_state", page.risk.state)}
        </div>
      )}
      {page.assets.length > 0 && (
        <section className="stack tight">
          <h3>{t("web.systems.objects")}</h3>
          <div className="row wrap">
            {page.assets.map((asset) => (
              <span key={asset.name} className="row" style={{ gap: 4 }}>
                <span className="mono">{asset.name}</span>
                <VerdictMark of={asset.verdict} />
              </span>
            ))}
          </div>
        </section>
      )}
      {findings.map((finding) => (
        <FindingCard key={`${finding.asset}${finding.check}`} finding={finding} system={system} unit={page.row.unit} tasked={page.tasks.some((task) => task.asset === finding.asset && task.check === finding.check && task.status !== "closed")} writes={writes} />
      ))}
      {page.tasks.length > 0 && (
        <section className="stack tight">
          <h3>{t("web.systems.repairs")}</h3>
          {page.tasks.map((task) => (
            <TaskCard key={task.id} task={task} writes={writes} />
          ))}
        </section>
      )}
      <section className="stack tight">
        <div className="row">
          <h3 className="grow">{t("web.systems.records")}</h3>
          {writes && page.open_steps.length > 0 && <Button size="small" onClick={() => setForm("record")}>{t("web.systems.record")}</Button>}
          {writes && <Button size="small" onClick={() => setForm("not_applicable")}>{t("web.systems.excuse")}</Button>}
        </div>
        {page.open_steps.length > 0 && (
          <div className="muted">
            {t("web.systems.open_steps", { steps: page.open_steps.map(stepName).join("；") })}
          </div>
        )}
        {form && <RecordForm key={form} system={system.id} unit={page.row.unit} kind={form} steps={page.open_steps.map((step) => ({ value: step, label: stepName(step) }))} assets={page.assets.map((asset) => asset.name)} onClose={() => setForm("")} />}
        {page.attestations.map((record) => (
          <div key={record.id} className="alert-item">
            <div className="row wrap">
              <span className={`mark ${record.expired ? "" : record.holds ? "good" : "bad"}`}>{record.expired ? t("web.systems.expired") : t(record.holds ? "web.systems.holds" : "web.systems.fails")}</span>
              <strong>{record.kind === "record" ? stepName(record.step) : word("paper.attested", record.kind)}</strong>
              {record.asset && <span className="mono">{record.asset}</span>}
              <span className="muted">{`${record.level} · ${record.by}${record.approver ? ` → ${record.approver}` : ""}`}</span>
              <When at={record.at} />
              {!record.expired && <span className="muted">{t("web.systems.until_day", { day: record.expires.slice(0, 10) })}</span>}
              <span className="grow" />
              {writes && !record.expired && <Withdraw system={system.id} attestation={record.id} />}
            </div>
            <div>{record.statement}</div>
            {record.sample && <div className="muted">{t("web.systems.sample_was", { sample: record.sample })}</div>}
            {record.attachment && (
              <div className="muted">
                {record.attachment.name} {"· SHA-256"} <Value whole value={record.attachment.sha256} />
              </div>
            )}
          </div>
        ))}
      </section>
      <section className="stack tight">
        <h3>{t("web.compliance.history")}</h3>
        {page.history.map((past) => (
          <div key={past.run} className="row">
            <When at={past.time} />
            <VerdictMark of={past.verdict} />
            <span className="muted clip">{say(past.reason)}</span>
          </div>
        ))}
      </section>
    </div>
  );
}

/** Taking a record back asks for a reason; what it said stays on file. */
function Withdraw({ system, attestation }: { system: string; attestation: string }) {
  const { t } = useWords();
  const withdraw = useWithdraw();
  const [asked, setAsked] = useState(false);
  const [reason, setReason] = useState("");
  if (!asked) return <Button size="small" type="link" onClick={() => setAsked(true)}>{t("web.systems.withdraw")}</Button>;
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        withdraw.mutate({ system, attestation, reason });
      }}
    >
      <Input size="small" autoFocus aria-label={t("web.systems.withdraw_why")} placeholder={t("web.systems.withdraw_why")} maxLength={4000} value={reason} onChange={(event) => setReason(event.target.value)} />
      <Button size="small" onClick={() => setAsked(false)}>{t("web.systems.cancel")}</Button>
      <Button size="small" type="primary" htmlType="submit" loading={withdraw.isPending} disabled={!reason.trim()}>{t("web.systems.withdraw")}</Button>
      {withdraw.error && <ProblemView error={withdraw.error} />}
    </form>
  );
}

interface Finding {
  asset: string;
  check: string;
  verdict: "conforms" | "partly" | "does_not" | "not_applicable" | "insufficient_evidence";
  combined?: Finding["verdict"];
  reason: Text;
  repair: Text;
  facts: { name: string; value: string | number; source?: string; limit?: string | number; baseline?: string | number; mark?: string }[];
  steps?: { name: string; state: "true" | "false" | "open"; text: Text }[];
  hash: string;
  level?: string;
  time?: string;
}

const STEP_SHAPE = { true: "✓", false: "✕", open: "?" };

/** What a fact is called, what stands behind a colon of its name as it is; and the kind of its mark. */
function useFactWords() {
  const { word } = useWords();
  const name = (of: string) => {
    const [head = of, ...rest] = of.split(":");
    return [word("web.check_fact", head), ...rest].join(" ");
  };
  return { name, mark: (of: string) => word("web.fact_mark", of.split(":")[0] ?? of) };
}

function FindingCard({ finding, system, unit, tasked, writes }: { finding: Finding; system: FiledSystem; unit: string; tasked: boolean; writes: boolean }) {
  const { t, say } = useWords();
  const told = useFactWords();
  const [assigning, setAssigning] = useState(false);
  const verdict = finding.combined ?? finding.verdict;
  const fails = verdict === "does_not" || verdict === "partly";
  return (
    <article className="alert-item" data-check={finding.check}>
      <div className="row wrap">
        <VerdictMark of={verdict} />
        <strong>{finding.asset === "telemetry" ? t("web.systems.telemetry") : finding.asset}</strong>
        <span className="muted mono">{finding.check}</span>
        {finding.level && <span className="mark">{finding.level}</span>}
        {finding.time && <When at={finding.time} />}
        <span className="grow" />
        {writes && fails && !tasked && <Button size="small" onClick={() => setAssigning(true)}>{t("web.systems.assign")}</Button>}
      </div>
      {(finding.steps ?? []).map((step, index) => (
        <div key={`${step.name}${index}`} className={`row step ${step.state}`}>
          <span aria-hidden>{STEP_SHAPE[step.state]}</span>
          <span>{say(step.text)}</span>
        </div>
      ))}
      {!finding.steps && <p style={{ margin: "4px 0" }}>{say(finding.reason)}</p>}
      {finding.facts.length > 0 && (
        <table className="trace">
          <thead>
            <tr>
              <th scope="col">{t("web.fact.name")}</th>
              <th scope="col">{t("web.fact.value")}</th>
              <th scope="col">{t("web.fact.required")}</th>
              <th scope="col">{t("web.systems.source")}</th>
            </tr>
          </thead>
          <tbody>
            {finding.facts.map((fact, index) => (
              <tr key={`${fact.name}${index}`}>
                <th scope="row" title={fact.name}>{told.name(fact.name)}</th>
                <td className="mono">{fact.value === "yes" ? "✓" : String(fact.value)}</td>
                <td>
                  <span className="mono">{String(fact.limit ?? fact.baseline ?? "")}</span> <span className="muted" title={fact.mark}>{told.mark(fact.mark ?? "")}</span>
                </td>
                <td className="mono muted">{fact.source}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {fails && say(finding.repair) && (
        <div className="notice warn" style={{ alignItems: "flex-start" }}>
          <strong style={{ whiteSpace: "nowrap" }}>{t("web.compliance.repair")}</strong>
          <span>{say(finding.repair)}</span>
        </div>
      )}
      <div className="muted" style={{ fontSize: 11 }}>
        {t("web.compliance.hash")} <Value whole value={finding.hash} />
      </div>
      {assigning && <AssignForm system={system} place={{ unit, asset: finding.asset, check: finding.check }} onClose={() => setAssigning(false)} />}
    </article>
  );
}
