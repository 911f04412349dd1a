import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Guidance } from "../api/types";
import { useWords } from "../i18n";
import "../pages/detections/detections.css";

/** Time around an alert that its first questions are asked in. */
export interface Around {
  since: string;
  until: string;
}

const DAY = 86_400_000;

export const around = (first: string, last: string): Around => ({ since: new Date(Date.parse(first) - DAY).toISOString(), until: new Date(Date.parse(last) + DAY).toISOString() });

interface Props {
  guidance: Guidance;
  /** Given: queries are filled from an alert's event and open Hunt around it. */
  when?: Around;
  /** Something beside a question, such as whether it was answered. */
  beside?(question: string, query: string): ReactNode;
}

/** What an alert means, what is usually harmless, what to look at first, what to do. */
export function GuidanceView({ guidance, when, beside }: Props) {
  const { t, say } = useWords();
  const told = [
    { title: t("web.guide.means"), text: say(guidance.means) },
    { title: t("web.guide.harmless"), text: say(guidance.harmless) },
  ];
  return (
    <div className="guide">
      {told.map(({ title, text }) => text && <Part key={title} title={title} text={text} />)}
      {guidance.check.length > 0 && (
        <section>
          <h3>{t("web.guide.check")}</h3>
          <Questions guidance={guidance} when={when} beside={beside} />
        </section>
      )}
      {say(guidance.act) && <Part title={t("web.guide.act")} text={say(guidance.act)} />}
    </div>
  );
}

function Part({ title, text }: { title: string; text: string }) {
  return (
    <section>
      <h3>{title}</h3>
      <p style={{ whiteSpace: "pre-line" }}>{text}</p>
    </section>
  );
}

/** The questions in order, each with its query. */
export function Questions({ guidance, when, beside }: Props) {
  const { t, say } = useWords();
  return (
    <ol>
      {guidance.check.map((one, index) => (
        <li key={one.query + say(one.question)}>
          <span className="mono">{`${index + 1}.`}</span>
          <div>
            <div className="row" style={{ alignItems: "flex-start" }}>
              <span className="grow">{say(one.question)}</span>
              {beside?.(say(one.question), one.query)}
            </div>
            {one.query &&
              (when ? (
                <Link className="query" to="/hunt" search={{ q: one.query, since: when.since, until: when.until } as never} title={t("web.guide.hunt")}>
                  {one.query}
                </Link>
              ) : (
                <span className="query muted">{one.query}</span>
              ))}
            {when && one.missing.length > 0 && <div className="muted">{t("web.guide.missing", { fields: one.missing.join(", ") })}</div>}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Who wrote the rule behind a match and under which licence it may be shown. */
export function Credit({ author, licence }: { author: string; licence: string }) {
  const { t } = useWords();
  if (!author && !licence) return null;
  return <span className="muted">{[author && t("web.guide.author", { name: author }), licence && t("web.guide.licence", { name: licence })].filter(Boolean).join(" · ")}</span>;
}
