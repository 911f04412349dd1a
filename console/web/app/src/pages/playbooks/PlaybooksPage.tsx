import { usePlaybooks } from "../../api/shelves";
import type { PlaybookStep } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { StageStrip } from "../../components/StageStrip";
import { Answered, Empty } from "../../components/states";
import { useTitle } from "../../components/title";
import { useTactic, useWords } from "../../i18n";

/** The library of playbooks; they are run from an incident. */
export function PlaybooksPage() {
  const { t, say, word } = useWords();
  const tactic = useTactic();
  const answer = usePlaybooks();
  useTitle(t("web.place.playbooks"));
  const columns: Column<PlaybookStep>[] = [
    { key: "name", title: t("web.playbook.step"), cell: (step) => say(step.name) },
    { key: "kind", title: t("web.playbook.kind"), width: 150, cell: (step) => word("web.step_kind", step.kind) },
    { key: "action", title: t("web.playbook.action"), width: 200, cell: (step) => <span className="mono">{step.action}</span> },
    { key: "approval", title: t("web.playbook.approval"), width: 120, cell: (step) => (step.needs_approval ? <span className="mark warn">{t("web.playbook.second_person")}</span> : "") },
  ];
  return (
    <div className="page scroll">
      <h1>{t("web.place.playbooks")}</h1>
      <span className="muted">{t("web.playbook.where")}</span>
      <Answered of={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("web.playbook.none")} />
          ) : (
            <>
              {items.map((playbook) => (
                <section key={playbook.id} className="panel">
                  <h2>{say(playbook.name)}</h2>
                  <div className="padded stack tight">
                    <span>{say(playbook.description)}</span>
                    <span className="row">
                      <StageStrip tactics={playbook.tactics} />
                      <span className="muted">{playbook.tactics.map(tactic).join(" · ")}</span>
                    </span>
                  </div>
                  <DenseTable label={say(playbook.name)} columns={columns} rows={playbook.steps.filter((step) => step.kind !== "start" && step.kind !== "end")} rowKey={(step) => step.id} />
                </section>
              ))}
            </>
          )
        }
      </Answered>
    </div>
  );
}
