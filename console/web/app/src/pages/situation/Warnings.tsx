import { Link } from "@tanstack/react-router";
import { App, Button, Radio } from "antd";
import { useEffect, useState } from "react";
import { useCan } from "../../api/session";
import { useDecideWarning } from "../../api/situation";
import type { Warned, WarningDeed } from "../../api/types";
import { COLOURS, gravestFirst } from "../../components/colours";
import { Flag } from "../../components/Flag";
import { ReasonDialog, type ReasonAsked } from "../../components/ReasonDialog";
import { Empty } from "../../components/states";
import { When } from "../../components/When";
import { asProblem } from "../../api/problem";
import { useWords } from "../../i18n";
import { span } from "../../i18n/format";

/** Warnings with their reasons and clocks: a person confirms, dismisses or lifts, and says why. */
export function Warnings({ items }: { items: Warned[] }) {
  const { t, word, say } = useWords();
  const { message } = App.useApp();
  const can = useCan();
  const decide = useDecideWarning();
  const [ask, setAsk] = useState<ReasonAsked | null>(null);
  if (items.length === 0) return <Empty title={t("web.warning.none")} next={t("web.warning.none_next")} />;
  const act = (warned: Warned, deed: WarningDeed) => {
    let colour = warned.colour;
    setAsk({
      title: word("web.warning_deed", deed),
      danger: deed === "dismiss",
      scope: (
        <div className="stack tight">
          <span>{t("web.warning.scope", { title: say(warned.title) })}</span>
          {deed === "confirm" && <ColourChoice from={warned.colour} onChoose={(chosen) => (colour = chosen)} />}
        </div>
      ),
      onDone: (reason) =>
        decide.mutate({ id: warned.id, deed, version: warned.version, reason, colour: deed === "confirm" ? colour : undefined }, { onError: (error) => void message.error(asProblem(error).message) }),
    });
  };
  return (
    <>
      <ul className="warnings" aria-label={word("web.situation_view", "warnings")}>
        {gravestFirst(items).map((warned) => (
          <WarningRow key={warned.id} of={warned} may={can("approve")} onAct={(deed) => act(warned, deed)} />
        ))}
      </ul>
      <ReasonDialog ask={ask} onClose={() => setAsk(null)} />
    </>
  );
}

function ColourChoice({ from, onChoose }: { from: Warned["colour"]; onChoose(colour: Warned["colour"]): void }) {
  const { t } = useWords();
  const [chosen, setChosen] = useState(from);
  return (
    <div className="row">
      <span>{t("web.warning.colour")}</span>
      <Radio.Group
        value={chosen}
        onChange={(event) => {
          const colour = event.target.value as Warned["colour"];
          setChosen(colour);
          onChoose(colour);
        }}
        options={COLOURS.map((colour) => ({ value: colour, label: <Flag colour={colour} word /> }))}
      />
    </div>
  );
}

function WarningRow({ of, may, onAct }: { of: Warned; may: boolean; onAct(deed: WarningDeed): void }) {
  const { t, word, say } = useWords();
  return (
    <li className={`panel padded warned ${of.status}`}>
      <div className="row wrap">
        <Flag colour={of.colour} word />
        <span className={`mark ${of.status === "confirmed" ? "bad" : of.status === "proposed" ? "warn" : ""}`}>{word("web.warning_status", of.status)}</span>
        {of.status === "proposed" && <DueClock due={of.due} />}
        {of.escalated && (
          <span className="mark bad">
            ▲ {t("web.warning.escalated")} <When at={of.escalated} />
          </span>
        )}
        <span className="grow" />
        {may && of.status === "proposed" && (
          <>
            <Button type="primary" onClick={() => onAct("confirm")}>
              {word("web.warning_deed", "confirm")}
            </Button>
            <Button onClick={() => onAct("dismiss")}>{word("web.warning_deed", "dismiss")}</Button>
          </>
        )}
        {may && of.status === "confirmed" && <Button onClick={() => onAct("lift")}>{word("web.warning_deed", "lift")}</Button>}
      </div>
      <Link to="/incidents/$id" params={{ id: of.incident }} title={t("web.warning.to_incident")}>
        {say(of.title)}
      </Link>
      <ul className="reasons" aria-label={t("web.warning.reasons")}>
        {of.reasons.map((reason) => (
          <li key={reason.key}>{say(reason)}</li>
        ))}
      </ul>
      <div className="row wrap muted">
        <span>
          {t("web.warning.proposed")} <When at={of.proposed} />
        </span>
        {of.units.length > 0 && <span>{`${t("web.warning.units")} ${of.units.join("、")}`}</span>}
      </div>
      {of.history.map((act) => (
        <div key={act.at + act.deed} className="row muted">
          <When at={act.at} />
          <span>{t("web.warning.act", { by: act.by || "—", deed: word("web.warning_deed", act.deed), reason: act.reason || "—" })}</span>
        </div>
      ))}
    </li>
  );
}

/** The clock of a proposal: how long until it is escalated, or for how long it has been. */
export function DueClock({ due }: { due: string }) {
  const { t, language } = useWords();
  const now = useNow(15_000);
  const seconds = (Date.parse(due) - now) / 1000;
  const told = span(Math.max(60, Math.abs(seconds)), language);
  return <span className={`mark ${seconds < 0 ? "bad" : "warn"}`}>◷ {t(seconds < 0 ? "web.warning.over" : "web.warning.left", { span: told })}</span>;
}

/** The time, each `every` ms. */
export function useNow(every: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
