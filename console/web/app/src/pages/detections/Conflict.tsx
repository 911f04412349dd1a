import { Button } from "antd";
import { useState } from "react";
import type { Conflict as BothSides } from "../../api/problem";
import { SideBySide } from "../../components/code/lazy";
import { ReasonDialog, type ReasonAsked } from "../../components/ReasonDialog";
import { When } from "../../components/When";
import { useWords } from "../../i18n";

interface Props {
  conflict: BothSides;
  busy: boolean;
  onBack(): void;
  onSave(source: string, reason: string): void;
}

/** Somebody saved meanwhile: both texts, pieces of theirs to take over, and then a save over theirs. */
export function Conflict({ conflict, busy, onBack, onSave }: Props) {
  const { t } = useWords();
  const [text, setText] = useState(conflict.yours);
  const [ask, setAsk] = useState<ReasonAsked | null>(null);
  return (
    <div className="page">
      <div className="notice warn">
        <span className="grow">
          {t("web.conflict.told", { by: conflict.by, version: conflict.version, reason: conflict.reason || "—" })} <When at={conflict.at} />
        </span>
        <Button onClick={onBack}>{t("web.conflict.back")}</Button>
        <Button type="primary" loading={busy} onClick={() => setAsk({ title: t("web.conflict.save"), scope: <span className="muted">{t("web.conflict.save_means", { version: conflict.version })}</span>, onDone: (reason) => onSave(text, reason) })}>
          {t("web.conflict.save")}
        </Button>
      </div>
      <SideBySide left={{ title: t("web.conflict.theirs", { by: conflict.by, version: conflict.version }), text: conflict.theirs }} right={{ title: t("web.conflict.yours"), text: conflict.yours }} onChange={setText} />
      <ReasonDialog ask={ask} onClose={() => setAsk(null)} />
    </div>
  );
}
