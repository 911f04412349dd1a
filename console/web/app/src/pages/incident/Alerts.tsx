import { Button, Checkbox } from "antd";
import { useStoryAlerts } from "../../api/incidents";
import type { Join } from "../../api/types";
import { AlertItem } from "../../components/AlertItem";
import { Answered, Empty } from "../../components/states";
import { useTactic, useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { JoinLine } from "./JoinLine";

export type Only = Partial<Record<"pick" | "opened" | "tactic" | "rule", string>>;

interface Props {
  incident: string;
  /** Which alerts: a pick of the story or graph, a stage, a rule. */
  only: Only;
  /** How a rule is called. */
  ruleName?: string;
  onAll?(): void;
  chosen?: ReadonlySet<string>;
  onChoose?(chosen: ReadonlySet<string>): void;
  onUnjoin?(join: Join): void;
}

/** Alerts with their reasons, page after page; a part, a stage or the story may narrow the list. */
export function Alerts({ incident, only, ruleName, onAll, chosen, onChoose, onUnjoin }: Props) {
  const { t, language } = useWords();
  const tactic = useTactic();
  const { pick = "", opened = "", tactic: stage = "", rule = "" } = only;
  const pages = useStoryAlerts(incident, { pick, opened: pick ? opened : "", tactic: stage, rule, limit: 50 });
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const joins = new Map(pages.data?.pages.flatMap((page) => page.joins.map((join) => [join.alert, join])));
  const narrowed = [pick && t("web.incident.picked"), stage && t("web.incident.stage_filter", { name: tactic(stage) }), rule && t("web.incident.only_rule", { rule: ruleName || rule })].filter(Boolean);
  const choose = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose?.(next);
  };
  return (
    <div className="stack">
      {narrowed.length > 0 && onAll && (
        <div className="notice">
          <span className="grow">{narrowed.join(" · ")}</span>
          <Button onClick={onAll}>{t("web.incident.filter_off")}</Button>
        </div>
      )}
      <Answered of={pages}>
        {() =>
          items.length === 0 && !pages.hasNextPage ? (
            <Empty title={t("web.incident.alerts_none")} next={t("web.incident.alerts_none_next")} />
          ) : (
            <>
              {items.map((alert) => (
                <div key={alert.id} className="row" style={{ alignItems: "flex-start" }}>
                  {onChoose && <Checkbox aria-label={t("web.regroup.choose")} checked={chosen?.has(alert.id)} onChange={() => choose(alert.id)} style={{ marginTop: 8 }} />}
                  <div className="grow">
                    <AlertItem alert={alert}>{joins.has(alert.id) && <JoinLine join={joins.get(alert.id)!} onUnjoin={onUnjoin} />}</AlertItem>
                  </div>
                </div>
              ))}
              <div className="row">
                <span className="muted grow" role="status">
                  {t(pages.hasNextPage ? "web.incident.alerts_more" : "web.incident.alerts_done", { count: number(items.length, language) })}
                </span>
                {pages.hasNextPage && (
                  <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                    {t("web.incident.alerts_next")}
                  </Button>
                )}
              </div>
            </>
          )
        }
      </Answered>
    </div>
  );
}
