import type { Language } from "./index";

const locale = (language: Language) => (language === "zh" ? "zh-CN" : "en-GB");
const made = new Map<string, Intl.DateTimeFormat>();

function formatter(language: Language, name: string, options: Intl.DateTimeFormatOptions) {
  const key = `${language}:${name}`;
  let found = made.get(key);
  if (!found) made.set(key, (found = new Intl.DateTimeFormat(locale(language), options)));
  return found;
}

const DAY: Intl.DateTimeFormatOptions = { month: "2-digit", day: "2-digit" };
const MINUTE: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };

export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** `11-21 08:15:03`: for dense tables; the year appears when it is not this one. */
export function shortTime(iso: string | null | undefined, language: Language, seconds = true): string {
  const at = parse(iso);
  if (!at) return "";
  const year = at.getFullYear() === new Date().getFullYear() ? "" : `${at.getFullYear()}-`;
  const day = formatter("en", "day", DAY).formatToParts(at);
  const part = (type: string) => day.find((piece) => piece.type === type)?.value ?? "";
  return `${year}${part("month")}-${part("day")} ${formatter(language, seconds ? "clock" : "minute", seconds ? CLOCK : MINUTE).format(at)}`;
}

export function clockTime(iso: string | null | undefined, language: Language): string {
  const at = parse(iso);
  return at ? formatter(language, "clock", CLOCK).format(at) : "";
}

/** The whole date in words with its zone: for tooltips. */
export function longTime(iso: string | null | undefined, language: Language): string {
  const at = parse(iso);
  if (!at) return "";
  return formatter(language, "long", { dateStyle: "full", timeStyle: "long" }).format(at);
}

function parse(iso: string | null | undefined): Date | null {
  if (!iso) return null;
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? null : at;
}

export function number(value: number, language: Language, digits = 0): string {
  return new Intl.NumberFormat(locale(language), { maximumFractionDigits: digits }).format(value);
}

/** Binary sizes: 61.3 MiB. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = value;
  let step = 0;
  while (size >= 1024 && step < units.length - 1) {
    size /= 1024;
    step += 1;
  }
  return `${size >= 100 || step === 0 ? Math.round(size) : size.toFixed(1)} ${units[step]}`;
}

const SPANS: [number, string][] = [
  [86400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
];

function unit(value: number, name: string, language: Language): string {
  const options = { style: "unit", unit: name, unitDisplay: "narrow", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale(language), options).format(value);
}

/** A length of time in its two largest units: `3小时12分钟`, `3h 12m`; below a second in ms. */
// Control characters, and marks that turn the direction of what stands beside them or are not seen.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text of strangers as it is: each unseen character stands as its own small mark. */
export const visible = (text: string) => text.replace(UNSEEN, "\u00b7");

export function span(seconds: number, language: Language): string {
  if (seconds < 0.0005) return unit(0, "second", language);
  if (seconds < 1) return unit(Math.round(seconds * 1000), "millisecond", language);
  if (seconds < 10) return unit(seconds, "second", language);
  let rest = Math.round(seconds);
  const words: string[] = [];
  for (const [size, name] of SPANS) {
    const count = Math.floor(rest / size);
    if (count > 0 && words.length < 2) words.push(unit(count, name, language));
    else if (words.length > 0) break;
    rest -= count * size;
  }
  return words.join(language === "zh" ? "" : " ");
}

export const secondsBetween = (first: string, last: string) => (Date.parse(last) - Date.parse(first)) / 1000;
