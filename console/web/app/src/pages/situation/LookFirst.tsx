import type { Gauge, GaugeItem } from "../../api/types";
import { useWords } from "../../i18n";
import { HIGH_IS_GOOD, type GaugeName } from "./gauge";
import { ItemTitle } from "./ItemTitle";

interface First {
  gauge: GaugeName;
  part: string;
  item: GaugeItem;
  weight: number;
}

const SHOWN = 3;

/** What weighs most on each gauge: the greatest summand of a risk, the greatest gap of a share. */
export function lookFirst(gauges: readonly Gauge[]): First[] {
  const found = gauges.flatMap((gauge) => {
    const items = gauge.parts.flatMap((part) =>
      part.items
        .filter((item) => item.kind !== "rest")
        .map((item) => ({ gauge: gauge.gauge, part: part.name, item, weight: HIGH_IS_GOOD.has(gauge.gauge) ? item.most - item.points : item.points })),
    );
    return items.sort((a, b) => b.weight - a.weight).slice(0, 1);
  });
  const grave = found.filter((first) => first.weight >= 1).sort((a, b) => b.weight - a.weight);
  return grave.filter((first, at) => grave.findIndex((other) => other.item.id === first.item.id) === at).slice(0, SHOWN);
}

/** Where to look first, in one line each. */
export function LookFirst({ gauges, onOpen }: { gauges: readonly Gauge[]; onOpen(gauge: GaugeName, part: string): void }) {
  const { t, word } = useWords();
  const found = lookFirst(gauges);
  return (
    <section className="panel look-first" aria-label={t("web.situation.look_first")}>
      <h2>{t("web.situation.look_first")}</h2>
      {found.length === 0 ? (
        <p className="muted padded">{t("web.situation.nothing_first")}</p>
      ) : (
        <ol>
          {found.map(({ gauge, part, item }) => (
            <li key={gauge + item.id}>
              <button type="button" className="plain mark accent" onClick={() => onOpen(gauge, part)}>
                {word("web.gauge", gauge)} · {word("web.gauge_part", part)}
              </button>
              <ItemTitle item={item} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
