import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { asProblem } from "../../api/problem";
import { useCan } from "../../api/session";
import { useSituation } from "../../api/situation";
import { useStream } from "../../api/stream";
import type { Situation } from "../../api/types";
import { Loading, ProblemView } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { clockTime, shortTime, span } from "../../i18n/format";
import { useKeys } from "../../keyboard/keys";
import { useUrl } from "../../state/url";
import { useNow } from "../situation/Warnings";
import { Assets } from "./Assets";
import { AttacksView } from "./AttacksView";
import { IncidentsView } from "./IncidentsView";
import { Notices } from "./Notices";
import { Overall } from "./Overall";
import "./wall.css";
import { Weaknesses } from "./Weaknesses";
import { secondsOf, step, viewsOf, type WallView } from "./rotation";

const STALE_SECONDS = 600;
const SHOWN: Record<WallView, (props: { situation: Situation; run: string }) => React.ReactNode> = {
  overall: Overall,
  assets: Assets,
  weaknesses: Weaknesses,
  attacks: AttacksView,
  incidents: IncidentsView,
  notices: Notices,
};

/**
 * The wall: full screen, always dark, six views in turn. Its address is all of its state, for kiosks:
 * `view`, `views` (which, by commas), `seconds` of each (0 holds), `run`, `lang`.
 */
export function WallPage() {
  const { t, language, setLanguage } = useWords();
  const [url, change] = useUrl();
  const navigate = useNavigate();
  const views = viewsOf(url.views);
  const view = views.find((name) => name === url.view) ?? views[0]!;
  const seconds = secondsOf(url.seconds);
  const paused = url.paused === "1" || seconds === 0;
  const run = url.run ?? "";
  const answer = useSituation({ run });
  useTitle(t("web.place.wall"));
  useStream(useCan()("operate"));
  useDarkRoot();
  useEffect(() => {
    if (url.lang === "zh" || url.lang === "en") setLanguage(url.lang);
  }, [url.lang, setLanguage]);
  const go = (by: number) => change({ view: step(views, view, by) }, true);
  const latest = useRef(go);
  latest.current = go;
  useEffect(() => {
    if (paused) return;
    const timer = setTimeout(() => latest.current(1), seconds * 1000);
    return () => clearTimeout(timer);
  }, [paused, seconds, view]);
  const pause = () => change({ paused: paused ? "" : "1", seconds: seconds === 0 ? "" : url.seconds }, true);
  useKeys([
    { keys: "ArrowRight", label: "web.wall.keys_next", run: () => go(1) },
    { keys: "]", label: "web.wall.keys_next", run: () => go(1) },
    { keys: "ArrowLeft", label: "web.wall.keys_previous", run: () => go(-1) },
    { keys: "[", label: "web.wall.keys_previous", run: () => go(-1) },
    { keys: " ", label: "web.wall.keys_pause", run: pause },
    { keys: "f", label: "web.wall.keys_full", run: () => void fullScreen() },
    { keys: "Escape", label: "web.wall.keys_leave", run: () => void navigate({ to: "/situation", search: { run: url.run } as never }) },
    ...views.map((name, index) => ({ keys: String(index + 1), label: "web.wall.keys_view" as const, run: () => change({ view: name }, true) })),
  ]);
  const View = SHOWN[view];
  return (
    <div className="wall" data-view={view} data-paused={paused || undefined} lang={language === "zh" ? "zh-CN" : "en"}>
      <Head view={view} situation={answer.data} failed={answer.error !== null && answer.data !== undefined} />
      <main className="wall-body">
        {answer.data ? <View situation={answer.data} run={run} /> : answer.error ? <ProblemView error={asProblem(answer.error)} onRetry={() => void answer.refetch()} /> : <Loading />}
      </main>
      <Foot views={views} view={view} seconds={seconds} paused={paused} onGo={(name) => change({ view: name }, true)} onPause={pause} />
    </div>
  );
}

/** The name of the view, the time of its data, and what must be known before it is believed. */
function Head({ view, situation, failed }: { view: WallView; situation: Situation | undefined; failed: boolean }) {
  const { t, word, language } = useWords();
  const now = new Date(useNow(1000)).toISOString();
  const marks: string[] = [];
  if (failed) marks.push(t("web.wall.failed"));
  if (situation?.run_kind === "drill") marks.push(t("web.situation.drill_mark"));
  if (situation?.run_kind === "replay") marks.push(t("web.situation.replay_mark"));
  if (situation && situation.newest === null) marks.push(t("web.situation.no_data"));
  if (situation && (situation.stale_seconds ?? 0) > STALE_SECONDS) marks.push(t("web.situation.stale", { age: span(situation.stale_seconds ?? 0, language) }));
  if (situation?.cut) marks.push(t("web.situation.cut"));
  return (
    <header className="wall-head">
      <h1>
        {t("web.wall.title")}
        <span>{word("web.wall_view", view)}</span>
      </h1>
      <div className="wall-marks">
        {marks.map((mark) => (
          <span key={mark}>▲ {mark}</span>
        ))}
      </div>
      <div className="wall-time">
        <time className="clock">{clockTime(now, language)}</time>
        <span>
          {t("web.wall.data_time")} {situation?.newest ? shortTime(situation.newest, language) : "—"}
        </span>
      </div>
    </header>
  );
}

interface FootProps {
  views: readonly WallView[];
  view: WallView;
  seconds: number;
  paused: boolean;
  onGo(view: WallView): void;
  onPause(): void;
}

function Foot({ views, view, seconds, paused, onGo, onPause }: FootProps) {
  const { t, word } = useWords();
  return (
    <footer className="wall-foot">
      <nav aria-label={t("web.place.wall")}>
        {views.map((name) => (
          <button key={name} type="button" className="plain" aria-current={name === view ? "page" : undefined} onClick={() => onGo(name)}>
            <kbd>{views.indexOf(name) + 1}</kbd> {word("web.wall_view", name)}
          </button>
        ))}
      </nav>
      <button type="button" className="plain" aria-pressed={paused} onClick={onPause}>
        {paused ? `❚❚ ${t("web.wall.paused")}` : `▶ ${t("web.wall.rotating", { seconds })}`}
      </button>
      <span>{t("web.wall.hint")}</span>
    </footer>
  );
}

/** The wall is dark whatever the rest of the console is; what was before comes back. */
function useDarkRoot(): void {
  useEffect(() => {
    const root = document.documentElement;
    const before = root.dataset.theme;
    const make = () => {
      if (root.dataset.theme !== "dark") root.dataset.theme = "dark";
    };
    make();
    const watch = new MutationObserver(make);
    watch.observe(root, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      watch.disconnect();
      root.dataset.theme = before;
    };
  }, []);
}

async function fullScreen(): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen();
}

