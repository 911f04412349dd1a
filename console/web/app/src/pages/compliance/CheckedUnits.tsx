import type { Compliance, ControlUnit } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { VerdictMark } from "./VerdictMark";
import { VERDICTS } from "./verdicts";

const rank = (unit: ControlUnit) => (unit.verdict ? VERDICTS.indexOf(unit.verdict) : VERDICTS.length);

/** The units that software can decide, worst first: what is asked, what was found. */
export function CheckedUnits({ areas, current, onOpen }: { areas: Compliance["areas"]; current?: string; onOpen(unit: string): void }) {
  const { t, say } = useWords();
  const rows = areas.flatMap((area) => area.units.map((unit) => ({ ...unit, area: area.area }))).sort((a, b) => rank(a) - rank(b));
  const columns: Column<(typeof rows)[number]>[] = [
    { key: "verdict", title: t("web.compliance.verdict"), width: 108, cell: (unit) => (unit.verdict ? <VerdictMark of={unit.verdict} /> : <span className="mark">{t("web.compliance.undecided")}</span>) },
    { key: "clause", title: t("web.compliance.clause_head"), width: 104, cell: (unit) => <span className="mono">{`${unit.clause} ${unit.item}`}</span> },
    { key: "area", title: t("web.compliance.area"), width: 168, cell: (unit) => `${say(unit.area)} · ${say(unit.control_point)}` },
    { key: "title", title: t("web.compliance.requirement"), width: "30%", cell: (unit) => say(unit.title) },
    { key: "reason", title: t("web.compliance.found"), cell: (unit) => (unit.finding ? say(unit.finding.reason) : <span className="muted">{unit.checks.map((check) => say(check.claim)).join(" ")}</span>) },
    { key: "time", title: t("web.compliance.decided_at"), width: 124, cell: (unit) => <When at={unit.finding?.time} /> },
  ];
  return (
    <section className="panel" style={{ overflow: "auto", flex: "none" }}>
      <DenseTable loose label={t("web.place.compliance")} columns={columns} rows={rows} rowKey={(unit) => unit.unit} current={current} onOpen={(unit) => onOpen(unit.unit)} minWidth={1000} />
    </section>
  );
}
