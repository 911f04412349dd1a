import { useEffect, useRef, useState } from "react";
import { asProblem } from "../../api/problem";
import type { Search } from "../../api/events";
import { useWords } from "../../i18n";
import { useKeys } from "../../keyboard/keys";
import { quote, spotAt } from "../../state/lucene";
import "./hunt.css";
import { useCompletions } from "./useCompletions";

interface Props {
  value: string;
  range: Omit<Search, "q">;
  error: unknown;
  onRun(query: string): void;
}

/** The Lucene box: completion of fields and values, and the error under the very character. */
export function QueryBox({ value, range, error, onRun }: Props) {
  const { t } = useWords();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  const [cursor, setCursor] = useState(0);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  useEffect(() => setTyped(value), [value]);
  useKeys([{ keys: "/", label: "web.keys.search", run: () => input.current?.focus() }]);

  const spot = open ? spotAt(typed, cursor) : null;
  const choices = useCompletions(spot, range);
  const take = (choice: string) => {
    if (!spot) return;
    const word = spot.field ? quote(choice) : `${choice}:`;
    const next = typed.slice(0, spot.start) + word + (spot.field ? " " : "") + typed.slice(cursor).trimStart();
    const place = spot.start + word.length + (spot.field ? 1 : 0);
    setTyped(next);
    setCursor(place);
    setAt(-1);
    requestAnimationFrame(() => input.current?.setSelectionRange(place, place));
  };
  const keys = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const choice = choices[at];
    if (event.key === "ArrowDown" && choices.length > 0) setAt((at + 1) % choices.length);
    else if (event.key === "ArrowUp" && choices.length > 0) setAt((at - 1 + choices.length) % choices.length);
    else if (event.key === "Tab" && open && choices.length > 0 && spot?.word) take(choice?.text ?? choices[0]?.text ?? "");
    else if (event.key === "Enter" && choice) take(choice.text);
    else if (event.key === "Enter") {
      setOpen(false);
      onRun(typed.trim());
    } else if (event.key === "Escape") open ? setOpen(false) : input.current?.blur();
    else return;
    event.preventDefault();
  };
  const follow = (element: HTMLInputElement) => setCursor(element.selectionStart ?? element.value.length);
  const problem = error ? asProblem(error) : null;
  const bad = problem?.status === 422 && typed.trim() === value.trim() ? problem : null;
  return (
    <div className="query-box">
      <input
        ref={input}
        value={typed}
        spellCheck={false}
        autoComplete="off"
        role="combobox"
        aria-expanded={open && choices.length > 0}
        aria-controls="query-choices"
        aria-label={t("web.hunt.query")}
        aria-invalid={bad !== null}
        placeholder={t("web.hunt.query_example")}
        onChange={(event) => {
          setTyped(event.target.value);
          follow(event.target);
          setOpen(true);
          setAt(-1);
        }}
        onClick={(event) => follow(event.currentTarget)}
        onKeyUp={(event) => follow(event.currentTarget)}
        onKeyDown={keys}
        onBlur={() => setTimeout(() => setOpen(false), 150)}
      />
      {open && choices.length > 0 && (
        <ul id="query-choices" role="listbox" aria-label={t("web.hunt.completions")}>
          {choices.map((choice, index) => (
            <li key={choice.text} role="option" aria-selected={index === at} className={index === at ? "current" : ""} onMouseDown={(event) => (event.preventDefault(), take(choice.text))}>
              <span className="mono">{choice.text}</span>
              <span className="muted clip">{choice.note}</span>
            </li>
          ))}
        </ul>
      )}
      {bad && (
        <div className="query-error" role="alert">
          {bad.position !== undefined && (
            <div className="caret" aria-hidden>
              <span>{typed.slice(0, bad.position)}</span>▲
            </div>
          )}
          <span>{[bad.detail || bad.message, bad.next].filter(Boolean).join(" · ")}</span>
        </div>
      )}
    </div>
  );
}
