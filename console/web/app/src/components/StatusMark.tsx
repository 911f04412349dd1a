import type { CaseRow } from "../api/types";
import { useWords } from "../i18n";

const SHAPE = { new: "○", open: "◐", waiting: "◷", closed: "●" } as const;
const TONE = { new: "accent", open: "", waiting: "warn", closed: "good" } as const;

/** Where an incident stands: a word with a shape; a closed one shows its verdict. */
export function StatusMark({ of }: { of: Pick<CaseRow, "status" | "verdict"> }) {
  const { word } = useWords();
  return (
    <span className={`mark ${TONE[of.status]}`}>
      <span aria-hidden>{SHAPE[of.status]}</span>
      {of.status === "closed" && of.verdict ? word("web.verdict", of.verdict) : word("web.status", of.status)}
    </span>
  );
}
