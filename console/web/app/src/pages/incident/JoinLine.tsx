import { Button } from "antd";
import type { Join } from "../../api/types";
import { useWords } from "../../i18n";
import { shortTime } from "../../i18n/format";

/** Why an alert stands in its incident, beside which other one, and the way to undo that. */
export function JoinLine({ join, onUnjoin }: { join: Join; onUnjoin?(join: Join): void }) {
  const { t, say, language } = useWords();
  return (
    <div className="row" style={{ marginTop: 6, fontSize: 12, gap: 12 }}>
      <span className="grow">
        {t("web.regroup.joined", { why: say(join.why) })}
        {join.to_title && join.to_first && <span className="muted"> · {t("web.regroup.beside", { title: say(join.to_title), at: shortTime(join.to_first, language) })}</span>}
      </span>
      {onUnjoin && (
        <Button size="small" onClick={() => onUnjoin(join)}>
          {t("web.regroup.unjoin")}
        </Button>
      )}
    </div>
  );
}
