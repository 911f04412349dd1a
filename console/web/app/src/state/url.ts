import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useRef } from "react";

export type UrlWords = Record<string, string | undefined>;

/** The query of an address as flat words: `?q=…&tab=…`. */
export function parseWords(search: string): UrlWords {
  return Object.fromEntries(new URLSearchParams(search));
}

export function writeWords(words: Record<string, unknown>): string {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(words)) {
    if (typeof value === "string" && value !== "") kept.set(name, value);
  }
  const text = kept.toString();
  return text ? `?${text}` : "";
}

/** The page's state lives in its address. Setting a word to undefined or "" takes it out. */
export function useUrl(): [UrlWords, (patch: UrlWords, replace?: boolean) => void] {
  const words = useSearch({ strict: false }) as UrlWords;
  const navigate = useNavigate();
  const latest = useRef(words);
  latest.current = words;
  const change = useCallback(
    (patch: UrlWords, replace = false) => {
      const next: UrlWords = { ...latest.current, ...patch };
      for (const name of Object.keys(next)) if (!next[name]) delete next[name];
      latest.current = next;
      void navigate({ to: ".", search: next as never, replace, resetScroll: false });
    },
    [navigate],
  );
  return [words, change];
}
