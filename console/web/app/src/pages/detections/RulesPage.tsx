import { useNavigate } from "@tanstack/react-router";
import { App, Button, Dropdown, Input, type InputRef } from "antd";
import { useMemo, useRef, useState } from "react";
import { useRules } from "../../api/rules";
import { useCan } from "../../api/session";
import type { Rule, Rules } from "../../api/types";
import { DenseTable } from "../../components/DenseTable";
import { ReasonDialog, type ReasonAsked } from "../../components/ReasonDialog";
import { Answered, Empty } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { listKeys, useKeys } from "../../keyboard/keys";
import { useUrl } from "../../state/url";
import { DetectionsHead } from "./DetectionsHead";
import { RefusedTable } from "./RefusedTable";
import { ruleColumns } from "./ruleColumns";
import { RuleDrawer } from "./RuleDrawer";
import { RuleFacets } from "./RuleFacets";
import { chosenRefused, chosenRules, isNarrowed, STATES, WHOLE } from "./ruleRows";
import { useRuleDeeds, type RuleDeed } from "./useRuleDeeds";
import "./detections.css";

/** Every detection: can it fire, how far is it in its life, how often it spoke, what it costs. */
export function RulesPage() {
  const { t } = useWords();
  const answer = useRules();
  const navigate = useNavigate();
  const can = useCan();
  useTitle(t("web.place.detections"));
  return (
    <div className="page">
      <DetectionsHead part="rules">
        {can("act") && (
          <Button type="primary" ghost onClick={() => void navigate({ to: "/detections/editor" })}>
            {t("web.rules.new")} <kbd>n</kbd>
          </Button>
        )}
      </DetectionsHead>
      <Answered of={answer}>{(rules) => <RuleList rules={rules} />}</Answered>
    </div>
  );
}

function RuleList({ rules }: { rules: Rules }) {
  const words = useWords();
  const { t, word, language } = words;
  const [url, change] = useUrl();
  const navigate = useNavigate();
  const can = useCan();
  const deeds = useRuleDeeds();
  const { message } = App.useApp();
  const search = useRef<InputRef>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState<string>();
  const [ask, setAsk] = useState<ReasonAsked | null>(null);

  const { rows, counts } = useMemo(() => chosenRules(rules.items, url), [rules, url]);
  const refused = useMemo(() => chosenRefused(rules.refused, url), [rules, url]);
  const showsRefused = url.health === "refused";
  const at = rows.findIndex((rule) => rule.id === (url.rule ?? current));
  const here = rows[at] ?? (url.rule ? rules.items.find((rule) => rule.id === url.rule) : undefined);
  const chosen = rows.filter((rule) => selected.has(rule.id));
  const touched = chosen.length > 0 ? chosen : here ? [here] : [];

  const go = (index: number) => {
    const rule = rows[Math.max(0, Math.min(index, rows.length - 1))];
    if (!rule) return;
    setCurrent(rule.id);
    if (url.rule) change({ rule: rule.id }, true);
  };
  const openPage = (id: string) => void navigate({ to: "/detections/rules/$id", params: { id } });
  const open = () => here && (url.rule ? openPage(here.id) : change({ rule: here.id }));
  const mark = () => {
    if (!here) return;
    const next = new Set(selected);
    if (!next.delete(here.id)) next.add(here.id);
    setSelected(next);
  };
  const begin = (deed: RuleDeed) => {
    const rules = touched.filter((rule) => rule.editable);
    if (rules.length === 0) return void (touched.length > 0 && message.info(t("web.rules.models_stay")));
    setAsk({
      title: t("web.act.many_title", { act: deeds.told(deed), count: rules.length }),
      okText: deeds.told(deed),
      danger: deed.kind === "park",
      scope: <Scope rules={rules} deed={deed} skipped={touched.length - rules.length} />,
      onDone: (reason) => void deeds.act(rules, deed, reason).then(() => setSelected(new Set())),
    });
  };
  const toggleParked = () => here && begin({ kind: touched.every((rule) => rule.parked) ? "unpark" : "park" });
  useKeys(listKeys({ at, go, open, search: () => search.current?.focus() }));
  useKeys(
    [
      { keys: "x", label: "web.keys.select", run: mark },
      { keys: "p", label: "web.keys.park", run: toggleParked },
      { keys: "u", label: "web.keys.undo", run: () => void deeds.undo() },
      { keys: "n", label: "web.keys.new_rule", run: () => void navigate({ to: "/detections/editor" }) },
      { keys: ".", label: "web.keys.menu", run: () => document.querySelector<HTMLElement>(".act-menu")?.click() },
    ],
    can("act"),
  );
  return (
    <>
      <div className="bar">
        <Input.Search ref={search} key={url.text ?? ""} allowClear defaultValue={url.text} style={{ width: 300 }} placeholder={t("web.rules.search")} aria-label={t("web.rules.search")} onSearch={(text) => change({ text })} />
        <Narrowing words={url} onChange={change} />
        <span className="grow" />
        {touched.length > 0 && can("act") && !showsRefused && (
          <>
            {chosen.length > 0 && <strong>{t("web.queue.selected", { count: chosen.length })}</strong>}
            <Button onClick={toggleParked}>
              {word("web.rule_act", touched.every((rule) => rule.parked) ? "unpark" : "park")} <kbd>p</kbd>
            </Button>
            <Dropdown trigger={["click"]} menu={{ items: STATES.map((state) => ({ key: state, label: t("web.rules.to_state", { state: word("web.rule_state", state) }), onClick: () => begin({ kind: "state", state }) })) }}>
              <Button className="act-menu">
                {t("web.rules.change_state")} <kbd>.</kbd>
              </Button>
            </Dropdown>
          </>
        )}
        <span className="muted">{showsRefused ? t("web.refused.count", { count: number(refused.length, language) }) : t("web.rules.counts", { live: number(rows.filter((rule) => rule.health === "live").length, language), shown: number(rows.length, language), total: number(rules.items.length, language) })}</span>
      </div>
      <div className="split" style={{ position: "relative" }}>
        <RuleFacets counts={counts} refused={refused.length} words={url} onChange={change} />
        <div className="sheet">
          {showsRefused ? (
            <RefusedTable rows={refused} />
          ) : rows.length === 0 ? (
            <Empty title={t(rules.items.length === 0 ? "web.rules.nothing" : "web.rules.none")} next={t(rules.items.length === 0 ? "web.rules.nothing_next" : "web.rules.none_next")}>
              {isNarrowed(url) && <Button onClick={() => change(WHOLE)}>{t("web.queue.clear")}</Button>}
            </Empty>
          ) : (
            <DenseTable
              windowed
              label={t("web.place.detections")}
              columns={ruleColumns(words, rules.days_from)}
              rows={rows}
              rowKey={(rule) => rule.id}
              current={here?.id}
              onOpen={(rule) => {
                setCurrent(rule.id);
                change({ rule: rule.id });
              }}
              selected={selected}
              onSelect={can("act") ? setSelected : undefined}
              sort={url.sort ?? "-hits"}
              onSort={(sort) => change({ sort })}
              minWidth={1000}
            />
          )}
        </div>
        {url.rule && !showsRefused && <RuleDrawer key={url.rule} id={url.rule} onClose={() => change({ rule: "" })} />}
      </div>
      <ReasonDialog ask={ask} onClose={() => setAsk(null)} />
    </>
  );
}

/** What narrows the list without being a facet, each to be taken away. */
function Narrowing({ words, onChange }: { words: Record<string, string | undefined>; onChange(patch: Record<string, string>): void }) {
  const { t, word } = useWords();
  const shown = [
    words.technique && { name: "technique", label: words.technique },
    words.unit && { name: "unit", label: words.unit },
    words.changed && { name: "changed", label: word("web.rules.changed", words.changed) },
  ].filter((one): one is { name: string; label: string } => Boolean(one));
  return shown.map(({ name, label }) => (
    <Button key={name} aria-label={t("web.rules.without", { what: label })} title={t("web.rules.without", { what: label })} onClick={() => onChange({ [name]: "" })}>
      {`${label} ✕`}
    </Button>
  ));
}

const NAMED = 5;

function Scope({ rules, deed, skipped }: { rules: readonly Rule[]; deed: RuleDeed; skipped: number }) {
  const { t, say } = useWords();
  return (
    <div className="stack tight">
      <ul style={{ margin: 0, paddingLeft: 18 }}>
        {rules.slice(0, NAMED).map((rule) => (
          <li key={rule.id}>{say(rule.title)}</li>
        ))}
        {rules.length > NAMED && <li className="muted">{t("web.rules.and_more", { count: rules.length - NAMED })}</li>}
      </ul>
      {skipped > 0 && <span>{t("web.rules.skipped", { count: skipped })}</span>}
      <span className="muted">{t(deed.kind === "park" ? "web.rules.park_means" : deed.kind === "unpark" ? "web.rules.unpark_means" : "web.rules.state_means")}</span>
    </div>
  );
}
