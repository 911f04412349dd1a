import { Checkbox, Input, Select } from "antd";
import type { components } from "../../api/schema";
import { useInventory } from "../../api/shelves";
import { useWords } from "../../i18n";

export type Register = components["schemas"]["Register"];
const EXTENSIONS = ["cloud", "mobile", "iot", "ics"];
const DAYS = ["graded", "filed", "certified", "assessed", "renewed"] as const;
const FLAGS = ["public", "continuity", "key_industry", "daily"] as const;

/** The fields of the filing register. */
export function RegisterFields({ row, onChange }: { row: Register; onChange(row: Register): void }) {
  const { t, word } = useWords();
  const inventory = useInventory();
  const set = (change: Partial<Register>) => onChange({ ...row, ...change });
  const text = (name: "name" | "unit" | "responsible" | "number") => (
    <label key={name}>
      <span>{word("paper.field", name)}</span>
      <Input value={row[name]} maxLength={200} onChange={(event) => set({ [name]: event.target.value })} />
    </label>
  );
  const level = (name: "s_level" | "a_level") => (
    <label key={name}>
      <span>{word("web.register", name)}</span>
      <Select value={row[name]} style={{ width: 80 }} onChange={(value: number) => set({ [name]: value })} options={[1, 2, 3, 4].map((value) => ({ value, label: value }))} />
    </label>
  );
  return (
    <div className="form">
      {(["name", "unit", "responsible", "number"] as const).map(text)}
      {(["s_level", "a_level"] as const).map(level)}
      <label>
        <span>{word("paper.field", "extensions")}</span>
        <Select mode="multiple" value={row.extensions} onChange={(extensions: string[]) => set({ extensions })} options={EXTENSIONS.map((value) => ({ value, label: word("web.extension", value) }))} />
      </label>
      {DAYS.map((name) => (
        <label key={name}>
          <span>{word("paper.field", name)}</span>
          <Input type="date" style={{ width: 160 }} value={row[name]} onChange={(event) => set({ [name]: event.target.value })} />
        </label>
      ))}
      <label>
        <span>{t("web.systems.assets")}</span>
        <Select mode="multiple" optionFilterProp="label" maxTagCount={12} value={row.assets} onChange={(assets: string[]) => set({ assets })} options={inventory.data?.assets.map((one) => ({ value: one.id, label: `${one.name || one.id} ${one.addresses[0] ?? ""}` }))} />
      </label>
      <div className="field">
        <span>{t("web.systems.scope")}</span>
        <span className="row wrap">
          {FLAGS.map((name) => (
            <Checkbox key={name} checked={row[name]} onChange={(event) => set({ [name]: event.target.checked })}>
              {word("web.register", name)}
            </Checkbox>
          ))}
        </span>
      </div>
    </div>
  );
}
