import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useRule } from "../../api/rules";
import { useCan, useSession } from "../../api/session";
import { Answered, Empty } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";
import { RuleEditor } from "./RuleEditor";
import { copyOf, newId, template } from "./ruleText";
import "./detections.css";

/** The editor: of a rule, of a copy of one, or of a new one. */
export function EditorPage() {
  const { t, say } = useWords();
  const [url] = useUrl();
  const can = useCan();
  const name = useSession().data?.user.name ?? "";
  const from = url.rule || url.copy || "";
  const answer = useRule(from);
  const [fresh] = useState(newId);
  useTitle(t("web.editor.title"));
  if (!can("act")) {
    return (
      <Empty title={t("web.editor.forbidden")} next={t("web.editor.forbidden_next")}>
        <Link to="/detections">{t("web.place.detections")}</Link>
      </Empty>
    );
  }
  if (!from) return <RuleEditor key={fresh} draft="new" title={t("web.editor.new")} initial={template(fresh, name, new Date().toISOString().slice(0, 10))} />;
  return (
    <Answered of={answer}>
      {(rule) => {
        if (!rule.editable) return <Empty title={t("web.editor.not_editable")} next={t("web.editor.not_editable_next")} />;
        if (url.rule) return <RuleEditor key={`${rule.id} ${rule.version}`} draft={rule.id} rule={rule} title={say(rule.title)} initial={rule.source} />;
        return <RuleEditor key={`copy ${rule.id}`} draft={`copy.${rule.id}`} title={t("web.editor.copy_of", { title: say(rule.title) })} initial={copyOf(rule.source, rule.id, fresh)} />;
      }}
    </Answered>
  );
}
