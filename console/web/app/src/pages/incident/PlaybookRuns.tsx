import { Button } from "antd";
import { useMatchingPlaybooks, useRehearse, useRuns } from "../../api/incidents";
import { useCan } from "../../api/session";
import type { Case } from "../../api/types";
import { Answered, Empty, ProblemView } from "../../components/states";
import { useWords } from "../../i18n";
import { RunView } from "./RunView";

/** Playbooks that fit, why they fit, and the runs so far. */
export function PlaybookRuns({ item }: { item: Case }) {
  const { t, say } = useWords();
  const matching = useMatchingPlaybooks(item.id);
  const runs = useRuns(item.id);
  const rehearse = useRehearse(item.id);
  const can = useCan();
  return (
    <div className="stack wide">
      <Answered of={matching}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("web.playbook.none_match")} />
          ) : (
            <section className="stack">
              <h2>{t("web.playbook.matching")}</h2>
              {items.map((playbook) => (
                <div key={playbook.id} className="panel padded row" style={{ alignItems: "flex-start" }}>
                  <div className="grow stack tight">
                    <strong>{say(playbook.name)}</strong>
                    <span>{say(playbook.description)}</span>
                    {playbook.why && <span className="muted">{say(playbook.why)}</span>}
                  </div>
                  {can("act") && (
                    <Button type="primary" ghost loading={rehearse.isPending} onClick={() => rehearse.mutate(playbook.id)}>
                      {t("web.playbook.rehearse")}
                    </Button>
                  )}
                </div>
              ))}
            </section>
          )
        }
      </Answered>
      {rehearse.error && <ProblemView error={rehearse.error} />}
      <Answered of={runs}>
        {({ items }) => (
          <>
            {items.map((run) => (
              <RunView key={run.id} run={run} />
            ))}
          </>
        )}
      </Answered>
    </div>
  );
}
