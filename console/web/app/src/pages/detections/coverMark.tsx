import { useWords } from "../../i18n";
import type { Cover } from "./coverage";

export const COVER_SHAPE: Record<Cover, string> = { live: "●", partial: "◐", inert: "○", off: "■", none: "·" };
const TONE: Record<Cover, string> = { live: "good", partial: "warn", inert: "", off: "bad", none: "" };

export function CoverMark({ of }: { of: Cover }) {
  const { word } = useWords();
  return (
    <span className={`mark ${TONE[of]}`} title={word("web.cover_why", of)}>
      <span aria-hidden>{COVER_SHAPE[of]}</span>
      {word("web.cover", of)}
    </span>
  );
}
