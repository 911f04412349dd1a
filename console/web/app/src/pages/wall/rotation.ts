export const WALL_VIEWS = ["overall", "assets", "weaknesses", "attacks", "incidents", "notices"] as const;
export type WallView = (typeof WALL_VIEWS)[number];

const SECONDS = 20;
const LEAST = 5;
const MOST = 3600;

/** The views that `views=` names, in its order; all of them where it names none. */
export function viewsOf(word: string | undefined): WallView[] {
  const named = (word ?? "").split(",").flatMap((name) => WALL_VIEWS.filter((view) => view === name.trim()));
  const once = [...new Set(named)];
  return once.length > 0 ? once : [...WALL_VIEWS];
}

/** Seconds that a view stands: 20 without a word, 0 for good, else within bounds. */
export function secondsOf(word: string | undefined): number {
  if (word === undefined || word === "") return SECONDS;
  const given = Number(word);
  if (!Number.isFinite(given) || given < 0) return SECONDS;
  return given === 0 ? 0 : Math.min(MOST, Math.max(LEAST, Math.round(given)));
}

/** The view `by` steps on, around the end. */
export function step(views: readonly WallView[], view: WallView, by: number): WallView {
  const at = Math.max(0, views.indexOf(view));
  return views[(at + by + views.length) % views.length] ?? "overall";
}
