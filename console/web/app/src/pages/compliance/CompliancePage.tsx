import { Button, Segmented } from "antd";
import { useState } from "react";
import { useCan } from "../../api/session";
import { useSystems } from "../../api/systems";
import { Answered, Empty } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";
import { LiveChecks } from "./LiveChecks";
import { NewSystem } from "./NewSystem";
import { SystemsMatrix } from "./SystemsMatrix";
import "./compliance.css";

/** Where each filed system stands, class by class; or what telemetry alone proves for the whole. */
export function CompliancePage() {
  const { t } = useWords();
  const [url, change] = useUrl();
  const [adding, setAdding] = useState(false);
  const answer = useSystems();
  const can = useCan();
  const live = url.part === "live";
  useTitle(t("web.place.compliance"));
  const add = can("comply") && (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t("web.systems.add")}
    </Button>
  );
  return (
    <div className="page">
      <div className="bar">
        <h1 className="grow">{t("web.place.compliance")}</h1>
        <Segmented
          value={live ? "live" : "systems"}
          onChange={(part) => change({ part: part === "live" ? "live" : "", unit: "", verdict: "", show: "" })}
          options={[
            { value: "systems", label: t("web.systems.part_systems") },
            { value: "live", label: t("web.systems.part_live") },
          ]}
        />
        {!live && add}
      </div>
      {live ? (
        <LiveChecks />
      ) : (
        <Answered of={answer}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={t("web.systems.none")} next={t("web.systems.none_next")}>
                {add}
              </Empty>
            ) : (
              <SystemsMatrix systems={items} />
            )
          }
        </Answered>
      )}
      {adding && <NewSystem onClose={() => setAdding(false)} />}
    </div>
  );
}
