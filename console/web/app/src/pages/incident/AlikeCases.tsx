import { Link } from "@tanstack/react-router";
import type { AlikeCase } from "../../api/types";
import { SeverityMark } from "../../components/Severity";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";

/** Incidents of the past that are like this one: by what, and what was decided then. */
export function AlikeCases({ cases }: { cases: readonly AlikeCase[] }) {
  const { t } = useWords();
  return (
    <section className="stack tight">
      <h2>{t("web.story.alike")}</h2>
      {cases.length === 0 && <span className="muted">{t("web.story.alike_none")}</span>}
      {cases.map((one) => (
        <Alike key={one.id} one={one} />
      ))}
    </section>
  );
}

function Alike({ one }: { one: AlikeCase }) {
  const { t, say, word, language } = useWords();
  const names = (list: readonly string[]) => list.slice(0, 4).join(language === "zh" ? "、" : ", ") + (list.length > 4 ? " …" : "");
  const shared = [
    one.rules.length > 0 && t("web.story.alike_rules", { names: names(one.rules.map(say)) }),
    one.techniques.length > 0 && t("web.story.alike_techniques", { names: names(one.techniques) }),
    one.entities.length > 0 && t("web.story.alike_entities", { names: names(one.entities) }),
    one.roles.length > 0 && t("web.story.alike_roles", { names: names(one.roles.map((role) => word("web.story_role", role))) }),
  ].filter(Boolean);
  return (
    <div className="panel padded stack tight">
      <div className="row wrap">
        <SeverityMark of={one.severity} />
        <Link className="grow" to="/incidents/$id" params={{ id: one.id }}>
          {say(one.title)}
        </Link>
        <span className="mark">{t("web.story.alike_by", { percent: number(one.likeness * 100, language) })}</span>
        <When at={one.first} coarse />
      </div>
      <div className="muted">{shared.join(" · ")}</div>
      <div>{one.verdict ? t("web.story.alike_verdict", { verdict: word("web.verdict", one.verdict), reason: one.verdict_reason }) : <span className="muted">{t("web.story.alike_open")}</span>}</div>
    </div>
  );
}
