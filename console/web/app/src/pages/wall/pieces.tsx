import type { ReactNode } from "react";
import type { GaugeBrief } from "../../api/types";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { isLowerBound, LEVEL_SHAPE, levelOf } from "../situation/gauge";

/** A titled box of the wall. */
export function Block({ title, children, className = "" }: { title: string; children: ReactNode; className?: string }) {
  return (
    <section className={`block ${className}`} data-block>
      <h2>{title}</h2>
      <div className="block-body">{children}</div>
    </section>
  );
}

/** A large numeral with what it counts; `of` is the whole that it is part of. */
export function Figure({ value, label, of, tone = "" }: { value: number | null; label: string; of?: number; tone?: string }) {
  const { t, language } = useWords();
  return (
    <div className={`figure ${tone}`} data-block>
      <strong>{value === null ? "?" : number(value, language)}</strong>
      <span>{label}</span>
      {of !== undefined && <small>{t("web.wall.of_all", { all: number(of, language) })}</small>}
    </div>
  );
}

/** A gauge as the wall shows it: numeral, level with its shape, a bar; unknown is said, never drawn as good. */
export function BigGauge({ gauge }: { gauge: GaugeBrief }) {
  const { t, word, say, language } = useWords();
  const level = levelOf(gauge);
  const shown = gauge.value === null ? word("web.level", level) : number(gauge.value, language);
  return (
    <div className={`big-gauge ${level}`} data-block>
      <h2>{word("web.gauge", gauge.gauge)}</h2>
      <strong className={gauge.value === null ? "words" : ""}>{shown}</strong>
      <div className="bar100" aria-hidden>
        <i style={{ width: `${gauge.value ?? 0}%` }} />
        {gauge.value === null && isLowerBound(gauge) && <i className="bound" style={{ width: `${gauge.seen}%` }} />}
      </div>
      <p className="level-word">
        <span aria-hidden>{LEVEL_SHAPE[level]}</span> {gauge.value === null && isLowerBound(gauge) ? t("web.situation.at_least", { value: number(gauge.seen, language) }) : word("web.level", level)}
        <small>{word("web.gauge_sense", gauge.gauge)}</small>
      </p>
      <p className="why">{gauge.unknown ? say(gauge.unknown) : ""}</p>
    </div>
  );
}

/** Nothing to draw, and why. */
export function Nothing({ title, next }: { title: string; next?: string }) {
  return (
    <div className="nothing">
      <strong>{title}</strong>
      {next && <span>{next}</span>}
    </div>
  );
}

/** How many of a list of `all` a view of fixed size does not show. */
export function More({ all, shown }: { all: number; shown: number }) {
  const { t } = useWords();
  return all > shown ? <p className="more">{t("web.wall.few_more", { count: all - shown })}</p> : null;
}

export const gaugeOf = <G extends GaugeBrief>(gauges: readonly G[], name: G["gauge"]) => gauges.find((gauge) => gauge.gauge === name);
