import { useEffect, useRef } from "react";
import type { TimelineEntry } from "../../api/types";
import { SeverityMark } from "../../components/Severity";
import { Value } from "../../components/Value";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number, span } from "../../i18n/format";
import type { LineItem as Item } from "./line";

/** One line of the timeline: alerts of a kind, what somebody did, or a time without alerts. */
export function LineItem({ item, current, onOpen }: { item: Item; current: boolean; onOpen(entry: TimelineEntry): void }) {
  const { t, say, language } = useWords();
  const box = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (current) box.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  if (item.kind === "gap") {
    return (
      <li className="gap">
        <span />
        <span />
        <span>{t("web.story.gap", { span: span(item.seconds, language) })}</span>
      </li>
    );
  }
  if (item.kind === "done") {
    const { done } = item;
    return (
      <li>
        <When at={done.at} />
        <span className="act" aria-hidden>
          {done.kind === "playbook" ? "▶" : "✎"}
        </span>
        <div className="grow">
          <span>
            {say(done.title)}
            {done.kind === "playbook" && done.by && <span className="muted">{` · ${done.by}`}</span>}
          </span>
          {done.detail && <div className="muted">{say(done.detail)}</div>}
        </div>
      </li>
    );
  }
  return (
    <li ref={box} className={current ? "current" : ""} aria-current={current || undefined}>
      <When at={item.entry.first} />
      <SeverityMark of={item.entry.severity} />
      <Entry entry={item.entry} onOpen={onOpen} />
    </li>
  );
}

function Entry({ entry, onOpen }: { entry: TimelineEntry; onOpen(entry: TimelineEntry): void }) {
  const { t, say, word, language } = useWords();
  const many = entry.alerts > 1 || entry.repeats > 1;
  return (
    <div className="grow">
      <div className="row wrap">
        <button type="button" className="plain" style={{ fontWeight: 500 }} onClick={() => onOpen(entry)}>
          {entry.title ? say(entry.title) : t("web.story.several_rules")}
        </button>
        {entry.actor && (
          <>
            <Value value={entry.actor.value} kind={entry.actor.kind} shown={entry.actor.shown} unit={entry.actor.unit || undefined} />
            <span className="mark">{word("web.story_role", entry.actor.role)}</span>
          </>
        )}
        {entry.actors > 1 && <span className="muted">{t("web.story.entry_actors", { count: number(entry.actors, language) })}</span>}
        {entry.objects > 1 && <span className="muted">{t("web.story.entry_objects", { count: number(entry.objects, language) })}</span>}
        {many && <span className="muted">{t("web.story.entry_alerts", { alerts: number(entry.alerts, language), repeats: number(entry.repeats, language) })}</span>}
        {entry.last !== entry.first && (
          <span className="muted">
            → <When at={entry.last} clock />
          </span>
        )}
      </div>
      <div className="muted clip-two">{say(entry.why)}</div>
    </div>
  );
}
