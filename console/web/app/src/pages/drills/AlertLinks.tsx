import { Link } from "@tanstack/react-router";
import { Popover } from "antd";
import { useAlert } from "../../api/incidents";
import { AlertItem } from "../../components/AlertItem";
import { Answered } from "../../components/states";
import { useWords } from "../../i18n";

const AT_MOST = 20;

/** Counts that open: the alerts in a card beside, the incidents on their page. */
export function AlertLinks({ alerts, incidents }: { alerts: readonly string[]; incidents: readonly string[] }) {
  const { t } = useWords();
  return (
    <span className="row wrap" style={{ gap: 8, fontWeight: 400, fontFamily: "system-ui, sans-serif", fontSize: 13 }}>
      {alerts.length > 0 && (
        <Popover trigger="click" placement="left" destroyOnHidden content={<Alerts ids={alerts} />}>
          <button type="button" className="plain" style={{ color: "var(--accent)" }}>
            {t("web.drill.alerts_count", { count: alerts.length })}
          </button>
        </Popover>
      )}
      {incidents.slice(0, AT_MOST).map((id) => (
        <Link key={id} to="/incidents/$id" params={{ id }}>
          {t("web.drill.incident")}
        </Link>
      ))}
    </span>
  );
}

function Alerts({ ids }: { ids: readonly string[] }) {
  return (
    <div className="stack" style={{ width: 620, maxHeight: 460, overflow: "auto" }}>
      {ids.slice(0, AT_MOST).map((id) => (
        <OneAlert key={id} id={id} />
      ))}
    </div>
  );
}

function OneAlert({ id }: { id: string }) {
  const answer = useAlert(id);
  return <Answered of={answer}>{(alert) => <AlertItem alert={alert} />}</Answered>;
}
