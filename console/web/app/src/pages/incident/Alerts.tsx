import { Button } from "antd";
import type { Case } from "../../api/types";
import { useWords } from "../../i18n";
import { AlertItem } from "../../components/AlertItem";

/** Every alert with its reason; a part, a stage or the story may narrow the list. */
export function Alerts({ item, only, onAll }: { item: Case; only: string[]; onAll(): void }) {
  const { t } = useWords();
  const shown = only.length === 0 ? item.alert_items : item.alert_items.filter((alert) => only.includes(alert.id));
  return (
    <div className="stack">
      {only.length > 0 && (
        <div className="notice">
          <span className="grow">{t("web.incident.narrowed", { count: shown.length, total: item.alert_items.length })}</span>
          <Button onClick={onAll}>{t("web.incident.all_alerts")}</Button>
        </div>
      )}
      {shown.map((alert) => (
        <AlertItem key={alert.id} alert={alert} />
      ))}
    </div>
  );
}
