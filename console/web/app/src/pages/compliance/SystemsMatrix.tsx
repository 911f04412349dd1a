import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { SystemRow } from "../../api/types";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { listKeys, useKeys } from "../../keyboard/keys";
import { ClockMark } from "./ClockMark";
import { VERDICT_SHAPE, VERDICTS } from "./verdicts";

/** Classes across, systems down; each cell counts items by verdict and opens into them. */
export function SystemsMatrix({ systems }: { systems: readonly SystemRow[] }) {
  const { t, say, word } = useWords();
  const navigate = useNavigate();
  const [at, setAt] = useState(-1);
  const open = (index: number) => {
    const system = systems[index];
    if (system) void navigate({ to: "/compliance/systems/$id", params: { id: system.id } });
  };
  useKeys(listKeys({ at, go: (to) => setAt(Math.min(systems.length - 1, Math.max(0, to))), open: () => open(at), search: () => undefined }));
  const prefixes = [...new Map(systems.flatMap((system) => system.areas.map((area) => [area.prefix, area.area] as const)))];
  return (
    <div className="sheet">
      <table className="dense systems" aria-label={t("web.place.compliance")} style={{ minWidth: 1240 }}>
        <colgroup>
          <col style={{ width: 214 }} />
          <col style={{ width: 132 }} />
          <col style={{ width: 108 }} />
          {prefixes.map(([prefix]) => (
            <col key={prefix} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <th scope="col">{t("web.systems.system")}</th>
            <th scope="col">{t("web.systems.rate")}</th>
            <th scope="col">{t("web.systems.next_clock")}</th>
            {prefixes.map(([prefix, area]) => (
              <th key={prefix} scope="col" title={say(area)} className="area">
                {say(area)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {systems.map((system, index) => (
            <tr key={system.id} className={`open ${index === at ? "current" : ""}`} aria-current={index === at || undefined} onClick={(event) => !(event.target as Element).closest("a") && open(index)}>
              <td>
                <Link to="/compliance/systems/$id" params={{ id: system.id }}>
                  <strong>{system.name}</strong>
                </Link>
                <div className="muted clip">{`${system.profile} · ${system.unit}`}</div>
                <div className="row" style={{ gap: 4 }}>
                  {system.high_risks > 0 && <span className="mark bad">{t("web.systems.high_risks", { count: system.high_risks })}</span>}
                  {system.overdue > 0 && <span className="mark bad">{t("web.systems.overdue", { count: system.overdue })}</span>}
                  <span className="muted" style={{ fontSize: 11 }}>{system.last_run ? <When at={system.last_run} /> : t("web.systems.never_run")}</span>
                </div>
              </td>
              <td>
                <Grade of={system.conclusion} />
              </td>
              <td>{system.clock ? <ClockMark clock={system.clock} /> : <span className="muted">—</span>}</td>
              {prefixes.map(([prefix]) => {
                const area = system.areas.find((candidate) => candidate.prefix === prefix);
                return (
                  <td key={prefix}>
                    {area ? (
                      <Link className="tile" to="/compliance/systems/$id" params={{ id: system.id }} search={{ tab: "items", area: prefix } as never} aria-label={`${system.name} ${say(area.area)}`}>
                        {VERDICTS.filter((verdict) => (area.counts[verdict] ?? 0) > 0).map((verdict) => (
                          <span key={verdict} className={`count ${verdict}`} title={word("web.conformity", verdict)}>
                            <span aria-hidden>{VERDICT_SHAPE[verdict]}</span>
                            {area.counts[verdict]}
                          </span>
                        ))}
                      </Link>
                    ) : (
                      <span className="muted">—</span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The conclusion: a grade, or the range that open items leave. */
export function Grade({ of }: { of: SystemRow["conclusion"] }) {
  const { t, word } = useWords();
  const tone = of.grade === "undecided" ? "accent" : ["conforms", "excellent", "good"].includes(of.grade) ? "good" : ["basically", "middle"].includes(of.grade) ? "warn" : "bad";
  return (
    <span className="stack tight" style={{ gap: 0 }}>
      <span className={`mark ${tone}`} style={{ alignSelf: "flex-start" }}>{word("paper.grade_word", of.grade)}</span>
      <span className="mono" style={{ whiteSpace: "nowrap" }} title={t("web.systems.range_means", { open: of.open_items })}>
        {of.open_items > 0 ? `${of.value} … ${of.best_value}` : of.value}
      </span>
    </span>
  );
}
