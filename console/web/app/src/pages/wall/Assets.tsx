import type { Situation } from "../../api/types";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { BigGauge, Block, Figure, gaugeOf, More, Nothing } from "./pieces";

const KINDS = 8;
const GAPS = 9;

/** 资产: how many are registered, how many are seen, and which are not. */
export function Assets({ situation }: { situation: Situation }) {
  const { t, word, say, language } = useWords();
  const { counts } = situation;
  const gauge = gaugeOf(situation.gauges, "visibility");
  const seen = new Map(counts.asset_kinds_seen.map((each) => [each.key, each.count]));
  const gaps = (gauge?.parts ?? []).flatMap((part) => part.items.filter((item) => item.kind !== "rest" && item.points < item.most).map((item) => ({ part: part.name, item })));
  const known = counts.assets > 0;
  return (
    <div className="wall-grid assets">
      {gauge && <BigGauge gauge={gauge} />}
      <div className="figures">
        <Figure value={counts.assets} label={t("web.wall.registered")} />
        <Figure value={known ? counts.assets_seen : null} label={t("web.wall.seen")} of={counts.assets} />
        <Figure value={known ? counts.critical_assets_seen : null} label={t("web.wall.critical_seen")} of={counts.critical_assets} tone={counts.critical_assets_seen < counts.critical_assets ? "warn" : ""} />
        <Figure value={known ? counts.unregistered : null} label={t("web.wall.unregistered")} tone={counts.unregistered > 0 ? "warn" : ""} />
        <Figure value={counts.sources > 0 ? counts.sources_silent : null} label={t("web.wall.sources_silent")} of={counts.sources} tone={counts.sources_silent > 0 ? "warn" : ""} />
      </div>
      <Block title={t("web.wall.by_kind")}>
        {known ? (
          <ul className="rows">
            {counts.asset_kinds.slice(0, KINDS).map((each) => (
              <li key={each.key}>
                <span className="clip">{word("web.asset_kind", each.key) || "—"}</span>
                <span className="bar100" aria-hidden>
                  <i style={{ width: `${((seen.get(each.key) ?? 0) / each.count) * 100}%` }} />
                </span>
                <b>
                  {number(seen.get(each.key) ?? 0, language)} / {number(each.count, language)}
                </b>
              </li>
            ))}
          </ul>
        ) : (
          <Nothing title={t("web.wall.no_assets")} next={t("web.situation.no_units_next")} />
        )}
        <More all={counts.asset_kinds.length} shown={KINDS} />
      </Block>
      <Block title={t("web.wall.not_seen")}>
        {gaps.length === 0 ? (
          <Nothing title={t(gauge?.value === null ? "web.wall.no_assets" : "web.wall.all_seen")} />
        ) : (
          <ul className="rows gaps">
            {gaps.slice(0, GAPS).map(({ part, item }) => (
              <li key={part + item.id}>
                <b aria-hidden>✕</b>
                <span className="clip">{say(item.title)}</span>
                <small>{word("web.gauge_part", part)}</small>
              </li>
            ))}
          </ul>
        )}
        <More all={gaps.length} shown={GAPS} />
      </Block>
    </div>
  );
}
