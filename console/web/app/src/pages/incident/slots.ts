/** Slots of time: a range of them is written `from-to` (both inside) in the address. */
export type Range = readonly [number, number];

export interface SlotTimes {
  start: string;
  /** Seconds. */
  width: number;
  count: number;
}

export function readRange(text: string | undefined, count: number): Range | null {
  const found = /^(\d{1,3})-(\d{1,3})$/.exec(text ?? "");
  if (!found) return null;
  const from = Number(found[1]);
  const to = Number(found[2]);
  return from <= to && to < count ? [from, to] : null;
}

export const writeRange = (range: Range | null): string => (range ? `${range[0]}-${range[1]}` : "");

/** Start of a slot as ISO text. */
export const slotStart = ({ start, width }: SlotTimes, slot: number): string => new Date(Date.parse(start) + slot * width * 1000).toISOString();

/** Whether something that lasts from `first` to `last` touches a range of slots. */
export function touches(times: SlotTimes, range: Range | null, first: string, last: string): boolean {
  if (!range) return true;
  const begin = Date.parse(times.start);
  const at = (iso: string) => (Date.parse(iso) - begin) / 1000 / times.width;
  return at(first) < range[1] + 1 && at(last) >= range[0];
}
