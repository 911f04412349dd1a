import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Rule, RulePage } from "../../api/types";
import { Facts } from "../../components/Facts";
import { Value } from "../../components/Value";
import { When } from "../../components/When";
import { TECHNIQUES, useTactic, useWords } from "../../i18n";

/** What a rule says about itself, row by row; a drawer shows the short form. */
export function RuleFacts({ rule, page }: { rule: Rule; page?: RulePage }) {
  const { t, say, word, language } = useWords();
  const tactic = useTactic();
  const technique = (id: string) => TECHNIQUES.get(id.split(".")[0] ?? "")?.[language];
  const rows: [string, ReactNode][] = [
    [t("web.rules.id"), <Value key="id" value={rule.id} kind="rule" whole />],
    [t("web.rules.tactic"), rule.tactics.map(tactic).join(" · ")],
    [
      t("web.rules.techniques"),
      rule.techniques.length > 0 && (
        <span className="row wrap" style={{ gap: 10 }}>
          {rule.techniques.map((id) => (
            <Link key={id} to="/detections" search={{ technique: id } as never} title={technique(id)}>
              <span className="mono">{id}</span>
              {technique(id) && ` ${technique(id)}`}
            </Link>
          ))}
        </span>
      ),
    ],
    [t("web.rules.logsource"), rule.logsource && <span className="mono">{rule.logsource}</span>],
    [t("web.rules.datasets"), rule.datasets.length > 0 && <span className="mono">{rule.datasets.join(" ")}</span>],
    [t("web.rules.missing"), rule.missing.length > 0 && <span className="mono">{rule.missing.join(" ")}</span>],
    [t("web.rules.gbt20986"), rule.gbt20986.join(" · ")],
    [
      t("web.rules.units"),
      rule.units.length > 0 && (
        <span className="row wrap" style={{ gap: 10 }}>
          {rule.units.map((unit) => (
            <Link key={unit} className="mono" to="/compliance" search={{ unit, show: "all" } as never}>
              {unit}
            </Link>
          ))}
        </span>
      ),
    ],
    [t("web.rules.author"), rule.author],
    [t("web.rules.licence"), rule.licence],
    [t("web.rules.pack"), word("web.rule_origin", rule.pack || rule.origin)],
    [t("web.rules.path"), rule.path && <span className="mono">{`${rule.path}${rule.line ? `:${rule.line}` : ""}`}</span>],
    [t("web.rules.changed_at"), rule.changed_at && <When at={rule.changed_at} />],
  ];
  if (page) {
    rows.push(
      // A rule of ours says it in both languages, in its guidance.
      [t("web.rules.false_positives"), !say(page.guidance?.harmless) && page.false_positives.join(" · ")],
      [t("web.rules.references"), page.references.length > 0 && page.references.map((one) => <Reference key={one} address={one} />)],
      [t("web.rules.related"), page.related.length > 0 && page.related.map((one) => <RuleLink key={one.id} id={one.id} title={say(one.title) || one.id} note={one.type} known={one.title !== null} />)],
      [t("web.rules.similar"), page.similar.length > 0 && page.similar.map((one) => <RuleLink key={one.id} id={one.id} title={say(one.title)} note={word("web.rules.similar_why", one.why)} known />)],
    );
  }
  return <Facts rows={rows} />;
}

function RuleLink({ id, title, note, known }: { id: string; title: string; note: string; known: boolean }) {
  return (
    <div className="row">
      {known ? (
        <Link to="/detections/rules/$id" params={{ id }} className="clip">
          {title}
        </Link>
      ) : (
        <span className="mono">{id}</span>
      )}
      <span className="muted" style={{ whiteSpace: "nowrap" }}>{note}</span>
    </div>
  );
}

/** Only addresses of the web become links: a rule file may say anything. */
function Reference({ address }: { address: string }) {
  const web = /^https?:\/\//i.test(address);
  return <div style={{ overflowWrap: "anywhere" }}>{web ? <a href={address} target="_blank" rel="noreferrer noopener">{address}</a> : address}</div>;
}
