import { useSettings } from "../../api/shelves";
import { DenseTable } from "../../components/DenseTable";
import { Answered } from "../../components/states";
import { useWords } from "../../i18n";

/** Every setting with its value and where that value comes from. */
export function SettingsPart() {
  const { t } = useWords();
  const answer = useSettings();
  return (
    <Answered of={answer}>
      {({ items }) => (
        <section className="panel">
          <DenseTable
            loose
            label={t("web.place.settings")}
            rows={items}
            rowKey={(setting) => setting.name}
            columns={[
              { key: "name", title: t("web.settings.name"), width: 260, cell: (setting) => <span className="mono">{setting.name}</span> },
              { key: "value", title: t("web.settings.value"), width: 300, cell: (setting) => <span className="mono">{typeof setting.value === "string" ? setting.value : JSON.stringify(setting.value)}</span> },
              { key: "origin", title: t("web.settings.origin"), width: 220, cell: (setting) => <span className="muted">{setting.origin}</span> },
              { key: "description", title: t("web.settings.description"), cell: (setting) => setting.description },
            ]}
          />
        </section>
      )}
    </Answered>
  );
}
