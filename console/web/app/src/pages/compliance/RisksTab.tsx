import { Button } from "antd";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/session";
import type { FiledSystem } from "../../api/types";
import { useWords } from "../../i18n";
import { Panel } from "./Overview";
import { RecordForm } from "./RecordForm";

const ORDER = ["raised", "possible", "mitigated", "undecided"];
const TONE: Record<string, string> = { raised: "bad", possible: "warn", undecided: "accent", mitigated: "good" };

/** High-risk cases and major risks: raised by items, decided by two people. */
export function RisksTab({ system }: { system: FiledSystem }) {
  const { t, word } = useWords();
  const can = useCan();
  const [deciding, setDeciding] = useState("");
  const cases = [...system.cases].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const units = (found: readonly string[]) => (
    <span className="row wrap" style={{ gap: 6 }}>
      {found.map((unit) => (
        <Link key={unit} className="mono" to="." search={{ tab: "items", unit } as never}>
          {unit}
        </Link>
      ))}
    </span>
  );
  return (
    <div className="page scroll">
      <Panel title={t("web.systems.cases", { edition: word("web.edition", system.high_risk_edition) })}>
        <table className="trace">
          <tbody>
            {cases.map((raised) => (
              <tr key={raised.id}>
                <td className="mono" style={{ width: 80 }}>{raised.id}</td>
                <td>
                  {raised.title}
                  {!raised.mitigable && <span className="mark" style={{ marginLeft: 6 }}>{t("web.systems.not_mitigable")}</span>}
                  {deciding === raised.id && <RecordForm system={system.id} unit="" kind="high_risk" risk={raised.id} steps={[]} assets={[]} onClose={() => setDeciding("")} />}
                </td>
                <td>
                  <span className={`mark ${TONE[raised.state] ?? ""}`}>{word("paper.case_state", raised.state)}</span>
                </td>
                <td>{units(raised.units)}</td>
                <td className="right">{can("comply") && deciding !== raised.id && <Button size="small" onClick={() => setDeciding(raised.id)}>{t("web.systems.decide")}</Button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
      <Panel title={t("web.systems.majors")}>
        <p className="muted" style={{ margin: 0 }}>{t("web.systems.majors_mean")}</p>
        <table className="trace">
          <tbody>
            {system.majors.map((major) => (
              <tr key={major.code}>
                <td className="mono" style={{ width: 80 }}>{major.code}</td>
                <td>
                  {major.title}
                  {deciding === major.code && <RecordForm system={system.id} unit="" kind="major_risk" risk={major.code} steps={[]} assets={[]} onClose={() => setDeciding("")} />}
                </td>
                <td>{major.set_by ? <span className={`mark ${major.repaired ? "good" : "bad"}`}>{t(major.repaired ? "web.systems.repaired" : "web.systems.set_by", { who: major.set_by })}</span> : <span className="mark accent">{t("web.systems.proposed")}</span>}</td>
                <td>{units(major.units)}</td>
                <td className="muted">{major.mark}</td>
                <td className="right">{can("comply") && deciding !== major.code && <Button size="small" onClick={() => setDeciding(major.code)}>{t("web.systems.decide")}</Button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
    </div>
  );
}
