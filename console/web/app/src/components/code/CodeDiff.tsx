import { MergeView } from "@codemirror/merge";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { useWords } from "../../i18n";
import { usePhrases } from "./phrases";
import { surface } from "./setup";
import "./code.css";

interface Side {
  title: string;
  text: string;
}

interface Props {
  left: Side;
  right: Side;
  /** Given: the right side may be edited, and pieces of the left one taken over. */
  onChange?(text: string): void;
  height?: number | string;
}

/** Two texts side by side, what differs marked, equal stretches folded. */
export default function CodeDiff({ left, right, onChange, height = "100%" }: Props) {
  const { t } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const phrases = usePhrases();
  const latest = useRef(onChange);
  latest.current = onChange;
  const editable = onChange !== undefined;
  useEffect(() => {
    if (!box.current) return;
    const made = new MergeView({
      parent: box.current,
      a: { doc: left.text, extensions: surface({ label: left.title, readOnly: true, phrases }) },
      b: {
        doc: right.text,
        extensions: [surface({ label: right.title, readOnly: !editable, phrases }), EditorView.updateListener.of((update) => update.docChanged && latest.current?.(update.state.doc.toString()))],
      },
      gutter: true,
      highlightChanges: true,
      collapseUnchanged: { margin: 3, minSize: 6 },
      ...(editable ? { revertControls: "a-to-b" as const } : {}),
    });
    return () => made.destroy();
    // The right text belongs to the surface once it is shown.
  }, [left.text, left.title, right.title, editable, editable ? "" : right.text, phrases]);
  return (
    <div className="code-diff" style={{ height }}>
      <div className="heads">
        <strong>{left.title}</strong>
        <strong>{right.title}</strong>
      </div>
      {left.text === right.text && <div className="notice">{t("web.code.same")}</div>}
      <div ref={box} className="sides" />
    </div>
  );
}
