import type { Situation } from "../../api/types";
import { useWords } from "../../i18n";
import { WarningsBlock } from "./Overall";
import { Block, Nothing } from "./pieces";

const FLAGS = 8;

/** 通报: none is recorded in this product yet, and that is what it says; warnings stand beside it. */
export function Notices({ run }: { situation: Situation; run: string }) {
  const { t, word } = useWords();
  return (
    <div className="wall-grid notices">
      <Block title={word("web.wall_view", "notices")}>
        <Nothing title={t("web.wall.no_notices")} next={t("web.wall.no_notices_why")} />
        <p className="next">{t("web.wall.no_notices_next")}</p>
      </Block>
      <WarningsBlock run={run} most={FLAGS} />
    </div>
  );
}
