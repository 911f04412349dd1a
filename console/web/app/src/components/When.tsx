import { useWords } from "../i18n";
import { clockTime, longTime, secondsBetween, shortTime, span, zone } from "../i18n/format";

/** A time of the local zone; its whole form with the zone in the tooltip. */
export function When({ at, clock = false, fine = false, coarse = false }: { at: string | null | undefined; clock?: boolean; fine?: boolean; coarse?: boolean }) {
  const { language } = useWords();
  if (!at) return <span className="muted">—</span>;
  return (
    <time dateTime={at} title={longTime(at, language)} className="mono">
      {clock ? clockTime(at, language) : shortTime(at, language, !coarse)}
      {fine && <span className="muted">{milliseconds(at)}</span>}
    </time>
  );
}

export function Span({ seconds }: { seconds: number | null | undefined }) {
  const { language } = useWords();
  if (seconds === null || seconds === undefined) return <span className="muted">—</span>;
  return <span>{span(seconds, language)}</span>;
}

export function Between({ first, last }: { first: string; last: string }) {
  return <Span seconds={secondsBetween(first, last)} />;
}

/** The zone that all times of the page are in. */
export function Zone() {
  const { t } = useWords();
  const minutes = -new Date().getTimezoneOffset();
  const hours = `${minutes < 0 ? "-" : "+"}${String(Math.floor(Math.abs(minutes) / 60)).padStart(2, "0")}:${String(Math.abs(minutes) % 60).padStart(2, "0")}`;
  return (
    <span className="muted mono" title={t("web.top.zone", { zone: zone() })}>
      {`UTC${hours}`}
    </span>
  );
}

const milliseconds = (iso: string) => `.${String(new Date(iso).getMilliseconds()).padStart(3, "0")}`;
