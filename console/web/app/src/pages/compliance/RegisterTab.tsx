import { Button } from "antd";
import { useState } from "react";
import { useCan } from "../../api/session";
import { useChangeSystem } from "../../api/systems";
import type { FiledSystem } from "../../api/types";
import { ProblemView } from "../../components/states";
import { useWords } from "../../i18n";
import { RegisterFields } from "./RegisterFields";

/** The row of the filing register, to be read and changed. */
export function RegisterTab({ system }: { system: FiledSystem }) {
  const { t } = useWords();
  const can = useCan();
  const change = useChangeSystem();
  const [row, setRow] = useState(system.register_row);
  return (
    <div className="page scroll">
      <form
        className="panel padded"
        style={{ maxWidth: 860 }}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ system: system.id, ...row });
        }}
      >
        <fieldset className="bare" disabled={!can("comply")}>
          <RegisterFields row={row} onChange={setRow} />
          {(row.inherited ?? []).length > 0 && <p className="muted">{t("web.systems.inherits", { count: (row.inherited ?? []).length, units: (row.inherited ?? []).map((each) => `${each.unit} ← ${each.system}`).join("、") })}</p>}
          {can("comply") && (
            <div className="row end">
              <Button type="primary" htmlType="submit" loading={change.isPending} disabled={row === system.register_row}>
                {t("web.systems.save")}
              </Button>
            </div>
          )}
        </fieldset>
        {change.error && <ProblemView error={change.error} />}
      </form>
    </div>
  );
}
