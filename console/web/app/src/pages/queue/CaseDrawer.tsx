import { Link } from "@tanstack/react-router";
import { useCase, useStory } from "../../api/incidents";
import { ScoreParts } from "../../components/ScoreParts";
import { EntityValue } from "../../components/EntityValue";
import { SeverityMark } from "../../components/Severity";
import { SideDrawer } from "../../components/SideDrawer";
import { StatusMark } from "../../components/StatusMark";
import { Answered } from "../../components/states";
import { When } from "../../components/When";
import { useTactic, useWords } from "../../i18n";
import { number } from "../../i18n/format";

/** The incident in short, over the queue: what, why this score, who, how far, which alerts. */
export function CaseDrawer({ id, onClose }: { id: string; onClose(): void }) {
  const { t, say, language } = useWords();
  const tactic = useTactic();
  const answer = useCase(id);
  const title = answer.data && (
    <div className="stack tight">
      <Link to="/incidents/$id" params={{ id }}>
        <h2>{say(answer.data.title)}</h2>
      </Link>
      <div className="row wrap">
        <SeverityMark of={answer.data.severity} word />
        <StatusMark of={answer.data} />
        <When at={answer.data.first} />
        <span className="muted">→</span>
        <When at={answer.data.last} />
      </div>
    </div>
  );
  return (
    <SideDrawer name="queue" title={title} onClose={onClose}>
      <Answered of={answer}>
        {(item) => (
          <div className="stack wide">
            <section className="stack tight">
              <h3>{t("web.incident.score", { score: Math.round(item.score) })}</h3>
              <ScoreParts parts={item.parts} score={item.score} />
            </section>
            <section className="stack tight">
              <h3>{t("web.incident.entities")}</h3>
              {item.entities.slice(0, 12).map((entity) => (
                <EntityValue key={entity.kind + entity.value + entity.role} entity={entity} role />
              ))}
            </section>
            <section className="stack tight">
              <h3>{t("web.incident.stages")}</h3>
              {item.stages.map((stage) => (
                <div key={stage.tactic} className="row">
                  <When at={stage.first} />
                  <span>{tactic(stage.tactic)}</span>
                  <span className="muted mono">{stage.techniques.join(" ")}</span>
                </div>
              ))}
            </section>
            <section className="stack tight">
              <h3>{t("web.incident.alerts", { count: number(item.alerts, language) })}</h3>
              <Told id={id} />
            </section>
            <Link to="/incidents/$id" params={{ id }}>
              {t("web.incident.whole")}
            </Link>
          </div>
        )}
      </Answered>
    </SideDrawer>
  );
}

/** What its alerts say, in sentences: as short for a hundred thousand alerts as for ten. */
function Told({ id }: { id: string }) {
  const { say } = useWords();
  const answer = useStory(id);
  return (
    <Answered of={answer}>
      {({ sentences }) =>
        sentences.map((sentence) => (
          <div key={sentence.id} className="row" style={{ alignItems: "flex-start" }}>
            <SeverityMark of={sentence.severity} />
            <span className="grow">{say(sentence.text)}</span>
          </div>
        ))
      }
    </Answered>
  );
}
