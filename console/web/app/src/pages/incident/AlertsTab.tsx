import { useNavigate } from "@tanstack/react-router";
import { App, Button } from "antd";
import { useState } from "react";
import { useSplit, useUnjoin } from "../../api/incidents";
import { asProblem } from "../../api/problem";
import { useCan } from "../../api/session";
import type { Case, Join, SplitDone, StoryKind } from "../../api/types";
import { ReasonDialog, type ReasonAsked } from "../../components/ReasonDialog";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";
import { Alerts } from "./Alerts";

/** Every alert, narrowed by stage, rule or pick; those that are chosen can be split off. */
export function AlertsTab({ item, kinds }: { item: Case; kinds: readonly StoryKind[] }) {
  const { t, say, word } = useWords();
  const [url, change] = useUrl();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [ask, setAsk] = useState<ReasonAsked | null>(null);
  const { message } = App.useApp();
  const navigate = useNavigate(); // a message stands outside the router: no link works in it
  const split = useSplit(item.id);
  const unjoin = useUnjoin(item.id);
  const can = useCan();
  const ruleName = kinds.find((kind) => kind.rule === url.rule)?.title;
  const onError = (error: Error) => {
    const problem = asProblem(error);
    const known = word("web.problem", problem.code);
    void message.error(known !== problem.code ? known : [problem.message, problem.next].filter(Boolean).join(" "), 8);
  };
  const onSuccess = ({ apart }: SplitDone) => {
    setChosen(new Set());
    void message.success(
      <>
        {t("web.regroup.parted")}
        <Button type="link" onClick={() => void navigate({ to: "/incidents/$id", params: { id: apart.id } })}>
          {say(apart.title)}
        </Button>
      </>,
      8,
    );
  };
  const go = () =>
    setAsk({
      title: t("web.regroup.split_title"),
      scope: t("web.regroup.split_means", { count: chosen.size }),
      onDone: (reason) => split.mutate({ version: item.version, alerts: [...chosen], reason }, { onSuccess, onError }),
    });
  const askUnjoin = (join: Join) =>
    setAsk({
      title: t("web.regroup.unjoin_title"),
      scope: (
        <>
          <p>{say(join.why)}</p>
          <p>{t("web.regroup.unjoin_means", { count: join.leaves })}</p>
        </>
      ),
      onDone: (reason) => unjoin.mutate({ version: item.version, alert: join.alert, reason }, { onSuccess, onError }),
    });
  return (
    <div className="stack">
      {can("act") && item.alerts > 1 && (
        <div className="row">
          <span className="muted grow">{t("web.regroup.split_hint")}</span>
          <Button disabled={chosen.size === 0 || chosen.size >= item.alerts} loading={split.isPending} onClick={go}>
            {chosen.size > 0 ? t("web.regroup.split_go", { count: chosen.size }) : t("web.regroup.split_ask")}
          </Button>
        </div>
      )}
      <Alerts incident={item.id} only={url} ruleName={ruleName && say(ruleName)} chosen={chosen} onChoose={can("act") && item.alerts > 1 ? setChosen : undefined} onUnjoin={can("act") && item.status !== "closed" ? askUnjoin : undefined} onAll={() => change({ pick: "", tactic: "", rule: "", opened: "" })} />
      <ReasonDialog ask={ask} onClose={() => setAsk(null)} />
    </div>
  );
}
