import { useAttacks } from "../../api/situation";
import type { Attacks, AttackPlace, Situation } from "../../api/types";
import { useTactic, useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { SEVERITY_LETTER } from "../../theme/severity";
import { flowLines, type FlowEnd } from "./flows";
import { Block, Figure, More, Nothing } from "./pieces";

const RULES = 6;
const STAGES = 8;
const WIDTH = 1000;
const HEIGHT = 560;

/** 攻击: where the alerts of a week come from and go to, drawn between places of ours and outside. */
export function AttacksView({ run }: { situation: Situation; run: string }) {
  const { t, say, language } = useWords();
  const tactic = useTactic();
  const answer = useAttacks(run);
  const found = answer.data;
  return (
    <div className="wall-grid attacks">
      <Block title={t("web.wall.flows")} className="flows">
        {answer.error !== null && <Nothing title={t("web.wall.failed")} />}
        {found && found.flows.length === 0 && <Nothing title={t("web.wall.no_flows")} />}
        {found && found.flows.length > 0 && <FlowPicture of={found} />}
        {found && found.without_ends > 0 && <p className="more">{t("web.wall.without_ends", { count: number(found.without_ends, language) })}</p>}
      </Block>
      <div className="stack-blocks">
        <Figure value={found ? found.alerts : null} label={t("web.wall.alerts_week")} />
        <Block title={t("web.wall.top_rules")}>
          <ul className="rows rules">
            {(found?.rules ?? []).slice(0, RULES).map((rule) => (
              <li key={rule.rule}>
                <span className="clip">{say(rule.title)}</span>
                <b>{number(rule.alerts, language)}</b>
              </li>
            ))}
          </ul>
          <More all={found?.rules.length ?? 0} shown={RULES} />
        </Block>
        <Block title={t("web.wall.stages")}>
          <ul className="chips">
            {(found?.tactics ?? []).slice(0, STAGES).map((each) => (
              <li key={each.key}>
                {tactic(each.key)} <b>{number(each.count, language)}</b>
              </li>
            ))}
          </ul>
        </Block>
      </div>
    </div>
  );
}

function usePlaceName(): (place: AttackPlace) => string {
  const { t } = useWords();
  return (place) => {
    if (place.kind === "outside") return t("web.wall.outside");
    if (place.kind === "unplaced") return t("web.wall.unplaced");
    return [place.unit, place.zone].filter(Boolean).join(" · ");
  };
}

/** Two columns of places and bands between them, as wide as there are alerts; severity by colour and letter. */
function FlowPicture({ of }: { of: Attacks }) {
  const { t } = useWords();
  const name = usePlaceName();
  const { sources, targets, lines, hidden } = flowLines(of.flows, HEIGHT);
  return (
    <>
      <svg className="flow-picture" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("web.wall.flows")}>
        {lines.map((line) => (
          <path key={line.key} className={line.severity} d={`M330 ${line.from} C 500 ${line.from}, 500 ${line.to}, 670 ${line.to}`} strokeWidth={line.width}>
            <title>{`${name(line.flow.source)} → ${name(line.flow.target)}: ${line.flow.alerts}`}</title>
          </path>
        ))}
        {lines.map((line) => (
          <text key={`${line.key}#`} className="letter" x={500} y={(line.from + line.to) / 2}>
            {SEVERITY_LETTER[line.severity]}
          </text>
        ))}
        {sources.map((end) => (
          <EndLabel key={end.key} end={end} text={name(end.place)} x={318} anchor="end" />
        ))}
        {targets.map((end) => (
          <EndLabel key={end.key} end={end} text={name(end.place)} x={682} anchor="start" />
        ))}
      </svg>
      <More all={hidden + lines.length} shown={lines.length} />
    </>
  );
}

const LONGEST = 17;

function EndLabel({ end, text, x, anchor }: { end: FlowEnd; text: string; x: number; anchor: "start" | "end" }) {
  const { language } = useWords();
  const longest = language === "zh" ? LONGEST : LONGEST + 8;
  const short = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return (
    <text x={x} y={end.middle} textAnchor={anchor}>
      <title>{text}</title>
      <tspan>{short}</tspan>
      <tspan className="count" x={x} dy="1.15em">
        {number(end.alerts, language)}
      </tspan>
    </text>
  );
}
