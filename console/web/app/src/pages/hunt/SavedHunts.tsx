import { DeleteOutlined } from "@ant-design/icons";
import { Button, Input, Popover } from "antd";
import { useState } from "react";
import { useForgetHunt, useHunts, useSaveHunt } from "../../api/events";
import { useCan } from "../../api/session";
import { Answered, ProblemView } from "../../components/states";
import { useWords } from "../../i18n";

/** Queries kept by name: run one, keep the present one, forget one. */
export function SavedHunts({ query, onRun }: { query: string; onRun(query: string): void }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomRight" destroyOnHidden content={<List query={query} onRun={(next) => (setOpen(false), onRun(next))} />}>
      <Button>{t("web.hunt.saved")}</Button>
    </Popover>
  );
}

function List({ query, onRun }: { query: string; onRun(query: string): void }) {
  const { t } = useWords();
  const hunts = useHunts();
  const save = useSaveHunt();
  const forget = useForgetHunt();
  const can = useCan();
  const [name, setName] = useState("");
  return (
    <div className="stack" style={{ width: 420 }}>
      <Answered of={hunts}>
        {({ items }) => (
          <div className="stack tight" style={{ maxHeight: 300, overflow: "auto" }}>
            {items.length === 0 && <span className="muted">{t("web.hunt.saved_none")}</span>}
            {items.map((hunt) => (
              <div key={hunt.id} className="row">
                <button type="button" className="plain grow" onClick={() => onRun(hunt.query)}>
                  <div>{hunt.name}</div>
                  <div className="muted mono clip">{hunt.query}</div>
                </button>
                {can("act") && <Button type="text" icon={<DeleteOutlined />} aria-label={t("web.hunt.forget", { name: hunt.name })} onClick={() => forget.mutate(hunt.id)} />}
              </div>
            ))}
          </div>
        )}
      </Answered>
      {can("act") && query && (
        <div className="row">
          <Input placeholder={t("web.hunt.save_name")} aria-label={t("web.hunt.save_name")} maxLength={120} value={name} onChange={(event) => setName(event.target.value)} />
          <Button type="primary" disabled={!name.trim()} loading={save.isPending} onClick={() => save.mutate({ name: name.trim(), query }, { onSuccess: () => setName("") })}>
            {t("web.hunt.save")}
          </Button>
        </div>
      )}
      {(save.error || forget.error) && <ProblemView error={save.error ?? forget.error} />}
    </div>
  );
}
