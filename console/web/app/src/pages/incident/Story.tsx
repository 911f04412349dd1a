import { useTimeline } from "../../api/incidents";
import type { Case, TimelineItem } from "../../api/types";
import { SeverityMark } from "../../components/Severity";
import { Answered, Empty } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { secondsBetween, shortTime, span } from "../../i18n/format";

const GAP_SECONDS = 600;

/** Alerts and acts on one line of time, oldest first, with the quiet gaps between them. */
export function Story({ item, onAlerts }: { item: Case; onAlerts(alerts: string[]): void }) {
  const { t } = useWords();
  const answer = useTimeline(item.id);
  return (
    <Answered of={answer}>
      {({ items }) => {
        const ordered = [...items].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
        if (ordered.length === 0) return <Empty title={t("web.story.none")} />;
        return (
          <>
            <Strip items={ordered.filter((entry) => entry.kind === "alert")} onAlerts={onAlerts} />
            <ol className="story">
              {ordered.map((entry, index) => (
                <Entry key={`${entry.at}${index}`} entry={entry} before={ordered[index - 1]} onAlerts={onAlerts} />
              ))}
            </ol>
          </>
        );
      }}
    </Answered>
  );
}

function Strip({ items, onAlerts }: { items: TimelineItem[]; onAlerts(alerts: string[]): void }) {
  const { t, say, language } = useWords();
  const first = items[0];
  const last = items.at(-1);
  if (!first || !last || first === last) return null;
  const whole = Math.max(1, secondsBetween(first.at, last.at));
  return (
    <div className="timeline-strip" role="group" aria-label={t("web.story.strip")}>
      {items.map((entry, index) => (
        <button
          key={index}
          type="button"
          className={`sev ${entry.severity ?? "info"}`}
          style={{ left: `${(secondsBetween(first.at, entry.at) / whole) * 100}%` }}
          title={`${shortTime(entry.at, language)} ${say(entry.title)}`}
          aria-label={`${shortTime(entry.at, language)} ${say(entry.title)}`}
          onClick={() => entry.alert && onAlerts([entry.alert])}
        />
      ))}
    </div>
  );
}

function Entry({ entry, before, onAlerts }: { entry: TimelineItem; before?: TimelineItem; onAlerts(alerts: string[]): void }) {
  const { t, say, language } = useWords();
  const quiet = before?.kind === "alert" && entry.kind === "alert" ? secondsBetween(before.at, entry.at) : 0;
  const alert = entry.alert;
  return (
    <>
      {quiet >= GAP_SECONDS && (
        <li className="gap">
          <span />
          <span />
          <span>{t("web.story.gap", { span: span(quiet, language) })}</span>
        </li>
      )}
      <li>
        <When at={entry.at} />
        {entry.kind === "alert" ? (
          <SeverityMark of={entry.severity ?? "info"} />
        ) : (
          <span className="act" aria-hidden>
            {entry.kind === "playbook" ? "▶" : "✎"}
          </span>
        )}
        <div className="grow">
          {alert ? (
            <button type="button" className="plain" style={{ fontWeight: 500 }} onClick={() => onAlerts([alert])}>
              {say(entry.title)}
            </button>
          ) : (
            <span>
              {say(entry.title)}
              {entry.kind === "playbook" && entry.by && <span className="muted">{` · ${entry.by}`}</span>}
            </span>
          )}
          {entry.detail && <div className="muted">{say(entry.detail)}</div>}
        </div>
      </li>
    </>
  );
}
