import type { SystemRow } from "../../api/types";
import { useWords } from "../../i18n";

type Clock = NonNullable<SystemRow["clock"]>;
const TONE: Record<Clock["state"], string> = { done: "good", running: "", soon: "warn", overdue: "bad", unknown: "accent" };

/** One clock: what falls due, when, how many days are left. */
export function ClockMark({ clock }: { clock: Clock }) {
  const { t, say, word } = useWords();
  return (
    <span className="stack tight" style={{ gap: 0 }} title={say(clock.mark)}>
      <span className="muted clip" style={{ fontSize: 11 }}>{word("web.clock", clock.name)}</span>
      <span className={`mark ${TONE[clock.state]}`} style={{ alignSelf: "flex-start" }}>
        {clock.state === "done" ? t("web.systems.done") : clock.state === "unknown" ? t("web.systems.day_unknown") : clock.name === "retention" ? t("web.systems.days", { days: clock.days }) : clock.days < 0 ? t("web.systems.days_late", { days: -clock.days }) : t("web.systems.days_left", { days: clock.days })}
      </span>
    </span>
  );
}
