import { Button } from "antd";
import { useState } from "react";
import type { Timeline } from "../../api/types";
import { useWords } from "../../i18n";
import { number, shortTime, span } from "../../i18n/format";
import { SEVERITIES } from "../../theme/severity";
import { slotStart, type Range } from "./slots";

const HEIGHT = 54;

interface Props {
  times: Pick<Timeline, "start" | "width" | "count" | "bars">;
  range: Range | null;
  onRange(range: Range | null): void;
}

/** Alerts over time in bars of severity; a range is drawn, or chosen by Shift and arrows, and then fills the width. */
export function TimeBars({ times, range, onRange }: Props) {
  const { t, language } = useWords();
  const [low, high] = range ?? [0, times.count - 1];
  const [draft, setDraft] = useState<Range | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [from, setFrom] = useState<number | null>(null);
  const width = span(times.width, language);
  const shown = times.bars.filter((bar) => bar.slot >= low && bar.slot <= high);
  const most = Math.max(1, ...shown.map((bar) => bar.alerts.reduce((a, b) => a + b, 0)));
  const of = high - low + 1;
  const slotAt = (event: React.PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const place = Math.floor(((event.clientX - box.left) / box.width) * of);
    return low + Math.min(of - 1, Math.max(0, place));
  };
  const apply = (chosen: Range | null) => {
    setDraft(null);
    setFrom(null);
    setAt(null);
    onRange(chosen);
  };
  const onKey = (event: React.KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const next = Math.min(high, Math.max(low, (at ?? (step > 0 ? low - 1 : high + 1)) + step));
      const anchor = event.shiftKey ? (from ?? at ?? next) : null;
      setAt(next);
      setFrom(anchor);
      setDraft(anchor === null ? null : [Math.min(anchor, next), Math.max(anchor, next)]);
    } else if (event.key === "Enter" && (draft || at !== null)) {
      event.preventDefault();
      event.stopPropagation();
      apply(draft ?? [at ?? low, at ?? low]);
    } else if (event.key === "Escape" && (draft || range)) {
      event.stopPropagation();
      apply(null);
    }
  };
  const place = (slot: number) => ((slot - low) / of) * 100;
  return (
    <div className="stack tight">
      <div
        className="time-bars"
        role="application"
        tabIndex={0}
        aria-label={t("web.story.bars_label", { count: of, width })}
        style={{ height: HEIGHT }}
        onKeyDown={onKey}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const slot = slotAt(event);
          setFrom(slot);
          setDraft([slot, slot]);
        }}
        onPointerMove={(event) => {
          if (event.buttons !== 1 || from === null) return;
          const slot = slotAt(event);
          setDraft([Math.min(from, slot), Math.max(from, slot)]);
        }}
        onPointerUp={() => draft && apply(draft[1] > draft[0] ? draft : null)}
      >
        {shown.map((bar) => {
          const total = bar.alerts.reduce((a, b) => a + b, 0);
          return (
            <span key={bar.slot} className="slot-bar" title={t("web.story.bar_title", { at: shortTime(slotStart(times, bar.slot), language), width, count: number(total, language) })} style={{ left: `${place(bar.slot)}%`, width: `max(2px, calc(${100 / of}% - 1px))`, height: `${Math.max(6, (total / most) * 100)}%` }}>
              {SEVERITIES.map((severity, index) => {
                const count = bar.alerts[SEVERITIES.length - 1 - index] ?? 0;
                return count > 0 ? <i key={severity} style={{ flexGrow: count, background: `var(--sev-${severity})` }} /> : null;
              })}
            </span>
          );
        })}
        {at !== null && <span className="cursor" style={{ left: `${place(at)}%`, width: `${100 / of}%` }} />}
        {draft && <span className="draft" style={{ left: `${place(draft[0])}%`, width: `${((draft[1] - draft[0] + 1) / of) * 100}%` }} />}
      </div>
      <div className="row muted" style={{ fontSize: 12 }}>
        <span className="mono">{shortTime(slotStart(times, low), language)}</span>
        <span className="grow" style={{ textAlign: "center" }} role="status">
          {at === null
            ? t("web.story.bars", { width })
            : t("web.story.bar_title", { at: shortTime(slotStart(times, at), language), width, count: number(shown.find((bar) => bar.slot === at)?.alerts.reduce((a, b) => a + b, 0) ?? 0, language) })}
        </span>
        {range && (
          <Button size="small" onClick={() => apply(null)}>
            {t("web.story.zoom_out")}
          </Button>
        )}
        <span className="mono">{shortTime(slotStart(times, high + 1), language)}</span>
      </div>
    </div>
  );
}
