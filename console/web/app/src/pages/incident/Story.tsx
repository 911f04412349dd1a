import { useMemo, useState } from "react";
import type { Story as Told, TimelineEntry } from "../../api/types";
import { Empty } from "../../components/states";
import { SeverityMark } from "../../components/Severity";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number, secondsBetween, shortTime, span } from "../../i18n/format";
import { listKeys, useKeys } from "../../keyboard/keys";
import { useUrl } from "../../state/url";
import { AlertsDrawer } from "./AlertsDrawer";
import { AlikeCases } from "./AlikeCases";
import { lineOf } from "./line";
import { readRange, slotStart, writeRange } from "./slots";
import { TimeBars } from "./TimeBars";
import { LineItem } from "./LineItem";

/** What happened in whole sentences, then alerts and acts on one line of time with the gaps between them. */
export function Story({ incident, story }: { incident: string; story: Told }) {
  const { t, say, language } = useWords();
  const [url, change] = useUrl();
  const [at, setAt] = useState(-1);
  const { timeline } = story;
  const range = readRange(url.time, timeline.count);
  const line = useMemo(() => lineOf(story, { tactic: url.tactic ?? "", range }), [story, url.tactic, url.time]);
  const entries = line.flatMap((item) => (item.kind === "alert" ? [item.entry] : []));
  const chosen = story.sentences.find((one) => one.id === url.pick)?.text ?? timeline.entries.find((one) => one.id === url.pick)?.title;
  const open = (entry: TimelineEntry | undefined) => entry && change({ pick: entry.id });
  useKeys(
    listKeys({ at, go: (index) => setAt(Math.min(entries.length - 1, Math.max(0, index))), open: () => open(entries[at]), search: () => undefined }).filter((key) => ["j", "k", "o", "Enter"].includes(key.keys)),
  );
  if (story.told === 0) return <Empty title={t("web.story.none")} />;
  return (
    <div className="stack wide">
      {story.told < story.alerts && <div className="notice warn">{t("web.incident.partial_story", { told: number(story.told, language), alerts: number(story.alerts, language) })}</div>}
      <section className="stack tight" aria-label={t("web.story.paragraph")}>
        <p style={{ margin: 0 }}>
          {t("web.story.opening", { alerts: number(story.alerts, language), repeats: number(story.repeats, language), ours: number(story.ours, language), others: number(story.others, language), span: span(secondsBetween(story.first, story.last), language) })}
        </p>
        <ol className="paragraph">
          {story.sentences.map((sentence) => (
            <li key={sentence.id}>
              <When at={sentence.first} />
              <SeverityMark of={sentence.severity} />
              <span className="grow">{say(sentence.text)}</span>
              <button type="button" className="plain link" onClick={() => change({ pick: sentence.id })}>
                {t("web.story.sentence_alerts", { count: number(sentence.alerts, language) })}
              </button>
            </li>
          ))}
        </ol>
      </section>
      <section className="stack tight">
        <h2>{t("web.story.timeline")}</h2>
        <TimeBars times={timeline} range={range} onRange={(next) => change({ time: writeRange(next) }, true)} />
        {range && <span className="muted">{t("web.story.zoomed", { since: shortTime(slotStart(timeline, range[0]), language), until: shortTime(slotStart(timeline, range[1] + 1), language) })}</span>}
        {line.length === 0 ? (
          <Empty title={t("web.story.nothing_here")} />
        ) : (
          <ol className="story">
            {line.map((item) => (
              <LineItem key={item.key} item={item} current={item.kind === "alert" && item.entry === entries[at]} onOpen={open} />
            ))}
          </ol>
        )}
      </section>
      <AlikeCases cases={story.alike} />
      {url.pick && <AlertsDrawer incident={incident} title={chosen ? say(chosen) : t("web.incident.picked")} only={{ pick: url.pick, tactic: url.tactic }} onClose={() => change({ pick: "" })} />}
    </div>
  );
}
