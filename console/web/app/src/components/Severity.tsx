import type { Severity } from "../api/types";
import { useWords } from "../i18n";
import { SEVERITY_LETTER } from "../theme/severity";

/** Colour and letter; with `word` the name as well. */
export function SeverityMark({ of, word: named = false }: { of: Severity; word?: boolean }) {
  const { word } = useWords();
  const name = word("web.severity", of);
  return (
    <span className={`sev ${of} ${named ? "word" : ""}`} title={name} role="img" aria-label={name}>
      {SEVERITY_LETTER[of]}
      {named && <span>{name}</span>}
    </span>
  );
}
