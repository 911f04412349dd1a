import type { Warned } from "../api/types";
import { useWords } from "../i18n";
import "./flag.css";

/** A four-colour warning is a flag with its letter, never a severity's square. */
export function Flag({ colour, word: named = false }: { colour: Warned["colour"]; word?: boolean }) {
  const { word } = useWords();
  const name = word("web.colour", colour);
  return (
    <span className={`flag ${colour}`} role="img" aria-label={name} title={name}>
      <svg viewBox="0 0 20 20" aria-hidden>
        <path d="M3 1v18" />
        <path className="cloth" d="M4 1h16l-4 6 4 6H4z" />
        <text x="10" y="10.5">
          {word("web.colour_letter", colour)}
        </text>
      </svg>
      {named && <span>{name}</span>}
    </span>
  );
}
