import { App, Button } from "antd";
import { useRegisters, useRestoreRegister } from "../../api/systems";
import type { components } from "../../api/schema";
import type { FiledSystem } from "../../api/types";
import { Answered, ProblemView } from "../../components/states";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";
import { RegisterRows } from "./RegisterRows";

export type SystemRegister = components["schemas"]["SystemRegister"];

/** What people keep and event queries join with telemetry: leavers, tickets, backups, loads. */
export function RegistersTab({ system }: { system: FiledSystem }) {
  const answer = useRegisters(system.id);
  return <Answered of={answer}>{({ items }) => <Registers system={system} registers={items} />}</Answered>;
}

function Registers({ system, registers }: { system: FiledSystem; registers: SystemRegister[] }) {
  const { t, word } = useWords();
  const [url, change] = useUrl();
  const restore = useRestoreRegister();
  const { message } = App.useApp();
  const back = (name: string, sha256: string) => restore.mutate({ system: system.id, name, sha256 });
  const saved = (name: string, count: number, before?: string) =>
    void message.success({
      duration: 12,
      content: (
        <span>
          {t("web.registers.saved", { count })}
          {before && <Button type="link" size="small" onClick={() => back(name, before)}>{t("web.registers.undo")}</Button>}
        </span>
      ),
    });
  const chosen = registers.find((one) => one.name === url.show) ?? registers[0];
  return (
    <div className="page scroll">
      {restore.error && <ProblemView error={restore.error} />}
      <p className="muted" style={{ margin: 0 }}>{t("web.registers.whole")}</p>
      <div className="row wrap" role="tablist" aria-label={word("web.system_tab", "registers")}>
        {registers.map((one) => (
          <button key={one.name} type="button" role="tab" aria-selected={one === chosen} className={`tally ${tone(one)}`} aria-pressed={one === chosen} onClick={() => change({ show: one.name })}>
            <span style={{ color: "var(--text)" }}>{word("web.register_name", one.name)}</span>
            <span>{one.versions.length === 0 ? t("web.registers.none") : `${t("web.registers.rows", { count: one.count })} · ${t(one.fresh ? "web.registers.fresh" : "web.registers.old")}`}</span>
          </button>
        ))}
      </div>
      {chosen && <RegisterRows key={`${chosen.name}${chosen.versions[0]?.sha256 ?? ""}${chosen.versions[0]?.brought ?? ""}`} system={system} register={chosen} onSaved={saved} onBack={(sha256) => back(chosen.name, sha256)} />}
    </div>
  );
}

const tone = (one: SystemRegister) => (one.versions.length === 0 ? "" : one.fresh && one.problems.length === 0 ? "conforms" : "partly");
