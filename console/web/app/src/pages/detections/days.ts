/** One day of UTC and how much happened on it. */
export interface Day {
  day: string;
  count: number;
}

const DAY = 86_400_000;
const name = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Every day of a span in order, those without anything too; the span ends today or with the newest day. */
export function daysUpTo(known: readonly Day[], span: number, now = Date.now()): Day[] {
  const counts = new Map(known.map((one) => [one.day, one.count]));
  const last = known.reduce((latest, one) => (one.day > latest ? one.day : latest), name(now));
  const end = Date.parse(`${last}T00:00:00Z`);
  return Array.from({ length: span }, (_, index) => name(end - (span - 1 - index) * DAY)).map((day) => ({ day, count: counts.get(day) ?? 0 }));
}

const MOST = 400;

/** Every day from the first known one to the last; a longer stretch is given as it is known, gaps left out. */
export function daysBetween(known: readonly Day[]): Day[] {
  const days = known.map((one) => one.day).sort();
  const first = days[0];
  const last = days.at(-1);
  if (!first || !last) return [];
  const span = (Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / DAY + 1;
  return span > MOST ? [...known] : daysUpTo(known, span, Date.parse(`${last}T00:00:00Z`));
}
