import type { Conformity } from "../../api/types";
import { useWords } from "../../i18n";
import { VERDICT_SHAPE, VERDICT_TONE } from "./verdicts";

export function VerdictMark({ of }: { of: Conformity }) {
  const { word } = useWords();
  return (
    <span className={`mark ${VERDICT_TONE[of]}`}>
      <span aria-hidden>{VERDICT_SHAPE[of]}</span>
      {word("web.conformity", of)}
    </span>
  );
}
