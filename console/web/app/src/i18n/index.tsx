import { createContext, useCallback, useContext, useMemo, type ReactNode } from "react";
import type { Text } from "../api/types";
import { carry } from "../api/http";
import { usePreference } from "../state/preferences";
import catalogue from "./catalogue.json";
import { visible } from "./format";

export type Language = "zh" | "en";
export type Key = keyof typeof catalogue.messages;
export type Values = Record<string, string | number>;

const messages = catalogue.messages as Record<string, Record<Language, string>>;

/** The sentence of a key with its values filled in. */
export function sentence(language: Language, key: string, values: Values = {}): string {
  const found = messages[key];
  if (!found) return key;
  return found[language].replace(/\{(\w+)(?::[^}]*)?\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
}

export interface Words {
  language: Language;
  setLanguage(language: Language): void;
  /** A sentence of the catalogue. */
  t(key: Key, values?: Values): string;
  /** A sentence under a prefix for a word of the API, such as a status; the word itself when unknown. */
  word(prefix: string, name: string): string;
  /** A text of the API, or a plain string, in the reader's language. */
  say(text: Text | string | null | undefined): string;
}

const Context = createContext<Words | null>(null);

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = usePreference<Language>("language", "zh");
  carry({ language });
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  const words = useMemo<Words>(
    () => ({
      language,
      setLanguage,
      t: (key, values) => sentence(language, key, values),
      word: (prefix, name) => messages[`${prefix}.${name}`]?.[language] ?? name,
      say: (text) => visible(typeof text === "string" ? text : (text?.[language] ?? "")),
    }),
    [language, setLanguage],
  );
  return <Context.Provider value={words}>{children}</Context.Provider>;
}

export function useWords(): Words {
  const words = useContext(Context);
  if (!words) throw new Error("LanguageProvider is missing");
  return words;
}

export interface Tactic {
  key: string;
  id: string;
  zh: string;
  en: string;
}
export const TACTICS: readonly Tactic[] = catalogue.tactics;

export interface Technique {
  id: string;
  zh: string;
  en: string;
  tactics: string[];
}
/** Techniques of ATT&CK without sub-techniques, by id, in the order of the tactics' columns. */
export const TECHNIQUES: ReadonlyMap<string, Technique> = new Map(catalogue.techniques.map((technique) => [technique.id, technique]));

export function useTactic(): (key: string) => string {
  const { language } = useWords();
  return useCallback((key) => TACTICS.find((tactic) => tactic.key === key)?.[language] ?? key, [language]);
}
