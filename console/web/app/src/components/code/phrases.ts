import { useMemo } from "react";
import { useWords, type Key } from "../../i18n";

/** Sentences of CodeMirror that people read, by its own English words. */
const PHRASES: Record<string, Key> = {
  Find: "web.code.find",
  Replace: "web.code.replace",
  replace: "web.code.replace",
  "replace all": "web.code.replace_all",
  next: "web.code.next",
  previous: "web.code.previous",
  all: "web.code.all",
  "match case": "web.code.match_case",
  regexp: "web.code.regexp",
  "by word": "web.code.by_word",
  close: "web.code.close",
  "Go to line": "web.code.go_to_line",
  go: "web.code.go",
  "Fold line": "web.code.fold",
  "Unfold line": "web.code.unfold",
  "$ unchanged lines": "web.code.unchanged",
  "Revert this chunk": "web.code.revert_chunk",
};

export function usePhrases(): Record<string, string> {
  const { t } = useWords();
  return useMemo(() => Object.fromEntries(Object.entries(PHRASES).map(([english, key]) => [english, t(key)])), [t]);
}
