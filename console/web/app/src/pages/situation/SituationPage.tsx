import { Link, useNavigate } from "@tanstack/react-router";
import { Button, Segmented, Select } from "antd";
import { useState } from "react";
import { useForecasts, useSituation, useSituationUnits, useWarnings } from "../../api/situation";
import type { Situation } from "../../api/types";
import { Answered, Empty } from "../../components/states";
import { useTitle } from "../../components/title";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { span } from "../../i18n/format";
import { listKeys, useKeys } from "../../keyboard/keys";
import { useUrl, type UrlWords } from "../../state/url";
import { Forecasts } from "./Forecasts";
import { GAUGES } from "./gauge";
import { GaugeCard } from "./GaugeCard";
import { LookFirst } from "./LookFirst";
import { PartsDrawer } from "./PartsDrawer";
import { scopeName, ScopeTable } from "./ScopeTable";
import "./situation.css";
import { UnitTable } from "./UnitTable";
import { Warnings } from "./Warnings";

export const VIEWS = ["units", "scopes", "systems", "forecasts", "warnings"] as const;
const STALE_SECONDS = 600;

type Kind = Situation["scope"]["kind"];

/** How are we now, and where do I look. */
export function SituationPage() {
  const words = useWords();
  const { t } = words;
  const [url, change] = useUrl();
  const navigate = useNavigate();
  useTitle(t("web.place.situation"));
  const run = url.run ?? "";
  const answer = useSituation({ run, kind: (url.kind as Kind | undefined) ?? "whole", id: url.id ?? "" });
  const view = VIEWS.find((name) => name === url.view) ?? "units";
  useKeys([
    ...GAUGES.map((name, index) => ({ keys: String(index + 1), label: "web.situation.keys_gauge" as const, run: () => change({ open: url.open === name ? "" : name, part: "" }) })),
    { keys: "w", label: "web.situation.keys_wall", run: () => void navigate({ to: "/wall", search: { run } as never }) },
  ]);
  return (
    <div className="page">
      <Answered of={answer}>
        {(situation) => {
          const open = situation.gauges.find((gauge) => gauge.gauge === url.open);
          return (
            <>
              <Head situation={situation} url={url} change={change} />
              <Marks situation={situation} />
              <div className="split" style={{ position: "relative" }}>
                <div className="sheet situation">
                  <div className="gauges">
                    {situation.gauges.map((gauge) => (
                      <GaugeCard key={gauge.gauge} gauge={gauge} current={gauge.gauge === url.open} onOpen={(part) => change({ open: gauge.gauge, part })} />
                    ))}
                  </div>
                  <LookFirst gauges={situation.gauges} onOpen={(gauge, part) => change({ open: gauge, part })} />
                  <Segmented
                    value={view}
                    onChange={(next) => change({ view: next === "units" ? "" : next })}
                    options={VIEWS.map((name) => ({ value: name, label: words.word("web.situation_view", name) }))}
                  />
                  <View name={view} situation={situation} run={run} change={change} />
                </div>
                {open && <PartsDrawer gauge={open} part={url.part} onClose={() => change({ open: "", part: "" })} />}
              </div>
            </>
          );
        }}
      </Answered>
    </div>
  );
}

interface HeadProps {
  situation: Situation;
  url: UrlWords;
  change(patch: UrlWords): void;
}

/** Which scope of which telemetry, as of when. */
function Head({ situation, url, change }: HeadProps) {
  const words = useWords();
  const { t } = words;
  const navigate = useNavigate();
  const options = [
    { value: "live", label: t("web.situation.live") },
    ...situation.runs.map((run) => ({ value: run.id, label: t(run.kind === "drill" ? "web.situation.drill" : "web.situation.replay", { name: run.name }) })),
  ];
  return (
    <div className="bar">
      <h1>{t("web.place.situation")}</h1>
      <Select
        value={url.run || "live"}
        onChange={(run) => change({ run: run === "live" ? "" : run, kind: "", id: "", open: "", part: "" })}
        options={options}
        aria-label={t("web.situation.run")}
        style={{ width: 260 }}
        popupMatchSelectWidth={false}
      />
      {situation.scope.kind !== "whole" && (
        <Button onClick={() => change({ kind: "", id: "" })} title={t("web.situation.back_to_whole")}>
          {scopeName(situation.scope, words)} ✕
        </Button>
      )}
      <span className="grow" />
      <span className="muted row">
        <When at={situation.since} coarse /> → <When at={situation.at} coarse />
      </span>
      <Button onClick={() => void navigate({ to: "/wall", search: { run: url.run } as never })}>
        {t("web.situation.to_wall")} <kbd>w</kbd>
      </Button>
    </div>
  );
}

/** What must be known before any figure is believed. */
export function Marks({ situation }: { situation: Situation }) {
  const { t, language } = useWords();
  const marks: string[] = [];
  if (situation.run_kind === "drill") marks.push(t("web.situation.drill_mark"));
  if (situation.run_kind === "replay") marks.push(t("web.situation.replay_mark"));
  if (situation.newest === null) marks.push(t("web.situation.no_data"));
  else if ((situation.stale_seconds ?? 0) > STALE_SECONDS) marks.push(t("web.situation.stale", { age: span(situation.stale_seconds ?? 0, language) }));
  if (situation.cut) marks.push(t("web.situation.cut"));
  if (situation.gauges.some((gauge) => gauge.gauge === "threat" && gauge.value === null)) marks.push(t("web.situation.unknown_next"));
  const newest = situation.run_kind === "live" ? situation.runs[0] : undefined;
  if (marks.length === 0) return null;
  return (
    <div className="notice warn" role="status">
      {marks.map((mark) => (
        <span key={mark}>▲ {mark}</span>
      ))}
      {situation.newest === null && newest && (
        <Link to="." search={{ run: newest.id } as never}>
          {t(newest.kind === "drill" ? "web.situation.drill" : "web.situation.replay", { name: newest.name })}
        </Link>
      )}
    </div>
  );
}

interface ViewProps {
  name: (typeof VIEWS)[number];
  situation: Situation;
  run: string;
  change(patch: UrlWords): void;
}

function View({ name, situation, run, change }: ViewProps) {
  const { t } = useWords();
  const open = (kind: string, id: string) => change({ kind, id });
  const scope = `${situation.scope.kind}/${situation.scope.id}`;
  switch (name) {
    case "units":
      return <Units run={run} chosen={scope} onOpen={(id) => open("unit", id)} />;
    case "scopes":
      return <Scopes rows={situation.scopes.filter((row) => row.kind === "zone" || row.kind === "plane")} chosen={scope} onOpen={open} />;
    case "systems": {
      const rows = situation.scopes.filter((row) => row.kind === "system");
      return rows.length === 0 ? <Empty title={t("web.situation.no_systems")} next={t("web.situation.no_units_next")} /> : <Scopes rows={rows} chosen={scope} onOpen={open} />;
    }
    case "forecasts":
      return <ForecastView run={run} />;
    case "warnings":
      return <WarningView run={run} />;
  }
}

function Scopes({ rows, chosen, onOpen }: { rows: Situation["scopes"]; chosen: string; onOpen(kind: string, id: string): void }) {
  const { t } = useWords();
  const [current, go] = useRowKeys(rows, (row) => `${row.kind}/${row.id}`, chosen, (row) => onOpen(row.kind, row.id));
  if (rows.length === 0) return <Empty title={t("web.situation.no_units")} next={t("web.situation.no_units_next")} />;
  return (
    <ScopeTable
      rows={rows}
      current={current}
      onOpen={(row) => {
        go(`${row.kind}/${row.id}`);
        onOpen(row.kind, row.id);
      }}
    />
  );
}

function Units({ run, chosen, onOpen }: { run: string; chosen: string; onOpen(id: string): void }) {
  const answer = useSituationUnits(run);
  const rows = answer.data?.items ?? [];
  const [current] = useRowKeys(rows, (row) => `unit/${row.id}`, chosen, (row) => onOpen(row.id));
  return <Answered of={answer}>{(units) => <UnitTable rows={units.items} prior={units.prior} current={current} onOpen={onOpen} />}</Answered>;
}

function ForecastView({ run }: { run: string }) {
  const answer = useForecasts(run);
  return <Answered of={answer}>{(outlooks) => <Forecasts items={outlooks.items} />}</Answered>;
}

function WarningView({ run }: { run: string }) {
  const answer = useWarnings(run);
  return <Answered of={answer}>{(warnings) => <Warnings items={warnings.items} />}</Answered>;
}

/** The keys of a list over rows of a table: the current row's key, and a way to set it. */
function useRowKeys<Row>(rows: readonly Row[], key: (row: Row) => string, chosen: string, open: (row: Row) => void): [string, (key: string) => void] {
  const [moved, setMoved] = useState<string>();
  const current = moved ?? chosen;
  const at = rows.findIndex((row) => key(row) === current);
  const go = (index: number) => {
    const row = rows[Math.max(0, Math.min(index, rows.length - 1))];
    if (row) setMoved(key(row));
  };
  const here = rows[at];
  useKeys(listKeys({ at, go, open: () => here && open(here), search: () => undefined }).filter((binding) => binding.keys !== "/"));
  return [current, setMoved];
}
