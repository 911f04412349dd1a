import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { RulePage } from "../../api/types";
import { Code } from "../../components/code/lazy";
import { useWords } from "../../i18n";

/** The rule's file as it is loaded, with line numbers; other rules of the same file are named. */
export function Source({ rule }: { rule: RulePage }) {
  const { t, say } = useWords();
  const goTo = useMemo(() => (rule.line > 1 ? { line: rule.line } : null), [rule.line]);
  const others = rule.file_rules.filter((other) => other.id !== rule.id);
  return (
    <>
      <div className="notice" style={{ background: "none" }}>
        <span className="mono grow clip">{rule.path}</span>
        {others.length > 0 && <span className="muted">{t("web.rule.same_file")}</span>}
        {others.map((other) => (
          <Link key={other.id} to="/detections/rules/$id" params={{ id: other.id }} search={{ tab: "source" } as never}>
            {say(other.title)}
          </Link>
        ))}
        <span className="mono muted" title={rule.hash}>{t("web.rule.hash", { hash: rule.hash.slice(0, 12) })}</span>
      </div>
      <Code value={rule.source} label={t("web.rule.source")} readOnly goTo={goTo} />
    </>
  );
}
