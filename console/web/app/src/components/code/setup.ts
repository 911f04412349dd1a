/** What every code surface shares: YAML colours from the theme's variables, line numbers, search, keys. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-key)" },
  { tag: [tags.string, tags.special(tags.string), tags.attributeValue], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.keyword], color: "var(--code-number)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.meta, tags.labelName, tags.typeName], color: "var(--code-mark)" },
]);

const look = EditorView.theme({
  "&": { fontSize: "12px", backgroundColor: "var(--panel)", color: "var(--text)", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", overflow: "auto" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--back)", color: "var(--muted)", borderRight: "1px solid var(--faint)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--accent-soft)" },
  "&.cm-focused .cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--code-selection) !important" },
  ".cm-selectionMatch": { backgroundColor: "var(--accent-soft)" },
  ".cm-panels": { backgroundColor: "var(--back)", color: "var(--text)", borderColor: "var(--line)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "3px" },
  ".cm-diagnostic": { fontFamily: "system-ui, sans-serif", fontSize: "12px", maxWidth: "560px" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--faint)", border: "none", color: "var(--muted)" },
  ".cm-changedLine": { backgroundColor: "var(--code-changed) !important" },
  ".cm-changedText": { background: "var(--code-changed-word) !important" },
  ".cm-collapsedLines": { background: "var(--back)", color: "var(--muted)" },
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: '"⋯"' },
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": { backgroundColor: "var(--code-removed) !important" },
  "&.cm-merge-a .cm-changedText": { background: "var(--code-removed-word) !important" },
});

const reading: Extension[] = [
  lineNumbers(),
  highlightSpecialChars(),
  drawSelection(),
  bracketMatching(),
  syntaxHighlighting(colours),
  yaml(),
  search({ top: true }),
  highlightSelectionMatches(),
  EditorState.tabSize.of(4),
  look,
];

/** Keys beside those of the editor itself; Escape then Tab leaves the text by keyboard. */
const writing: Extension[] = [
  history(),
  indentOnInput(),
  foldGutter(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, indentWithTab]),
];

const still: Extension[] = [EditorState.readOnly.of(true), EditorView.editable.of(false), EditorView.contentAttributes.of({ tabindex: "0" })];

export interface Surface {
  label: string;
  readOnly: boolean;
  /** Words of the search panel in the reader's language. */
  phrases: Record<string, string>;
}

export function surface({ label, readOnly, phrases }: Surface): Extension[] {
  return [
    ...reading,
    ...(readOnly ? still : writing),
    keymap.of(searchKeymap),
    EditorState.phrases.of(phrases),
    EditorView.contentAttributes.of({ "aria-label": label }),
    EditorView.lineWrapping,
  ];
}
