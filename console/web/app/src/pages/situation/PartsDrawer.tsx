import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { Gauge, GaugePart } from "../../api/types";
import { SideDrawer } from "../../components/SideDrawer";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { HIGH_IS_GOOD, levelOf } from "./gauge";
import { ItemTitle } from "./ItemTitle";

/** A gauge opened into the list that it sums: part by part, item by item, with the sums below. */
export function PartsDrawer({ gauge, part, onClose }: { gauge: Gauge; part: string | undefined; onClose(): void }) {
  const { t, word, say, language } = useWords();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (part) box.current?.querySelector(`[data-part="${CSS.escape(part)}"]`)?.scrollIntoView({ block: "start" });
  }, [part, gauge.gauge]);
  const shown = gauge.value === null ? word("web.level", levelOf(gauge)) : number(gauge.value, language, 1);
  return (
    <SideDrawer name="situation" onClose={onClose} title={<h2>{`${word("web.gauge", gauge.gauge)} ${shown}`}</h2>}>
      <div className="stack wide" ref={box}>
        {gauge.unknown && <p className="notice warn">{say(gauge.unknown)}</p>}
        {gauge.parts.length === 0 && <p className="muted">{t("web.situation.no_parts")}</p>}
        {gauge.parts.map((each) => (
          <PartItems key={each.name} part={each} share={HIGH_IS_GOOD.has(gauge.gauge)} />
        ))}
        <div className="row total">
          <strong className="grow">{t("web.situation.sum")}</strong>
          <strong className="score">{number(gauge.seen, language, 1)}</strong>
        </div>
      </div>
    </SideDrawer>
  );
}

function PartItems({ part, share }: { part: GaugePart; share: boolean }) {
  const { t, word, say, language } = useWords();
  const told = (value: number) => number(value, language, value < 0.1 ? 3 : 1);
  const points = (value: number, most: number) => (share ? t("web.situation.points_of", { points: told(value), most: told(most) }) : told(value));
  return (
    <section className="stack tight" data-part={part.name}>
      <div className="row">
        <h3 className="grow">{word("web.gauge_part", part.name)}</h3>
        {part.link && <ListLink link={part.link} />}
        <span className="score">{points(part.points, part.most)}</span>
      </div>
      <p className="muted">{say(part.why)}</p>
      <ol className="items" aria-label={word("web.gauge_part", part.name)}>
        {part.items.map((item) => (
          <li key={item.kind + item.id} className={share && item.points < item.most ? "missing" : ""}>
            <span aria-hidden className="sign">
              {share ? (item.points < item.most ? "✕" : "✓") : ""}
            </span>
            <ItemTitle item={item} />
            <span className="score right">{points(item.points, item.most)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function ListLink({ link }: { link: NonNullable<GaugePart["link"]> }) {
  const { t } = useWords();
  return (
    <Link to={`/${link.page}` as "/queue"} search={link.words as never}>
      {t("web.situation.open_list")}
    </Link>
  );
}
