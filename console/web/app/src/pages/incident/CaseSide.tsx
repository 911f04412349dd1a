import type { Case, StoryKind } from "../../api/types";
import { EntityValue } from "../../components/EntityValue";
import { ScoreParts } from "../../components/ScoreParts";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { CheckFirst } from "./CheckFirst";

const PARTS_SHOWN = 3;

/** Why this score, what to look at first, and who is in it. */
export function CaseSide({ item, kinds, onRule, onNote }: { item: Case; kinds: readonly StoryKind[]; onRule(rule: string): void; onNote(text: string): void }) {
  const { t, language } = useWords();
  const ours = item.entities.filter((entity) => entity.internal);
  const others = item.entities.filter((entity) => !entity.internal);
  return (
    <aside className="side" style={{ width: 300, padding: "10px 12px" }}>
      <div className="stack wide">
        <section className="stack tight">
          <div className="row">
            <h2 className="grow">{t("web.incident.why")}</h2>
            <span style={{ font: "600 24px/1 var(--mono)" }}>{Math.round(item.score)}</span>
            <span className="muted">{t("web.incident.of_hundred")}</span>
          </div>
          <ScoreParts parts={item.parts} score={item.score} most={PARTS_SHOWN} onRule={onRule} />
        </section>
        <CheckFirst item={item} kinds={kinds} onNote={onNote} />
        {[
          { name: t("web.incident.ours", { count: number(ours.length, language) }), entities: ours },
          { name: t("web.incident.others", { count: number(others.length, language) }), entities: others },
        ].map((group) =>
          group.entities.length === 0 ? null : (
            <section key={group.name} className="stack tight">
              <h2>{group.name}</h2>
              {group.entities.slice(0, 40).map((entity) => (
                <EntityValue key={entity.kind + entity.value + entity.role} entity={entity} role />
              ))}
              {group.entities.length > 40 && <span className="muted">{t("web.incident.more_entities", { count: group.entities.length - 40 })}</span>}
            </section>
          ),
        )}
      </div>
    </aside>
  );
}
