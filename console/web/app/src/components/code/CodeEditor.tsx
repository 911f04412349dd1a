import { forceLinting, linter, lintGutter, type Diagnostic } from "@codemirror/lint";
import { EditorView, keymap } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { usePhrases } from "./phrases";
import { surface } from "./setup";
import "./code.css";

/** Something wrong at a place of the text; lines and columns count from 1. */
export interface Mark {
  line: number;
  column?: number | null;
  message: string;
  severity: "error" | "warning";
}

interface Props {
  value: string;
  label: string;
  readOnly?: boolean;
  marks?: readonly Mark[];
  /** A line to bring into sight; a new object shows it again. */
  goTo?: { line: number } | null;
  height?: number | string;
  onChange?(value: string): void;
  /** Keys such as `Mod-s` that the page answers. */
  keys?: Record<string, () => void>;
}

/** YAML with line numbers, colours, search, and problems at their lines. */
export default function CodeEditor({ value, label, readOnly = false, marks, goTo, height = "100%", onChange, keys }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const phrases = usePhrases();
  const latest = useRef({ onChange, keys, marks });
  latest.current = { onChange, keys, marks };
  useEffect(() => {
    if (!box.current) return;
    const bound = Object.keys(latest.current.keys ?? {}).map((key) => ({
      key,
      preventDefault: true,
      run: () => {
        latest.current.keys?.[key]?.();
        return true;
      },
    }));
    const made = new EditorView({
      doc: value,
      parent: box.current,
      extensions: [
        keymap.of(bound),
        surface({ label, readOnly, phrases }),
        latest.current.marks ? [lintGutter(), linter((of) => diagnostics(of, latest.current.marks ?? []), { delay: 0, needsRefresh: () => true })] : [],
        EditorView.updateListener.of((update) => update.docChanged && latest.current.onChange?.(update.state.doc.toString())),
      ],
    });
    view.current = made;
    return () => made.destroy();
    // The text is the editor's own from here on; another label, language or mode makes another editor.
  }, [label, readOnly, phrases]);
  useEffect(() => {
    const made = view.current;
    if (made && made.state.doc.toString() !== value) made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    if (view.current && marks) forceLinting(view.current);
  }, [marks]);
  useEffect(() => {
    const made = view.current;
    if (!made || !goTo) return;
    const line = made.state.doc.line(Math.max(1, Math.min(goTo.line, made.state.doc.lines)));
    made.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    made.focus();
  }, [goTo]);
  return <div ref={box} className="code" style={{ height }} />;
}

function diagnostics(view: EditorView, marks: readonly Mark[]): Diagnostic[] {
  return marks.map((mark) => {
    const line = view.state.doc.line(Math.max(1, Math.min(mark.line, view.state.doc.lines)));
    const start = line.from + (/^\s*/.exec(line.text)?.[0].length ?? 0);
    const from = mark.column ? Math.min(line.from + mark.column - 1, line.to) : Math.min(start, line.to);
    return { from, to: line.to, severity: mark.severity, message: mark.message };
  });
}
