import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useCan } from "../../api/session";
import { useInventory } from "../../api/shelves";
import { useChangeSystem } from "../../api/systems";
import type { components } from "../../api/schema";
import type { FiledSystem } from "../../api/types";
import { ProblemView } from "../../components/states";
import { useWords } from "../../i18n";

type Collection = components["schemas"]["Collection"];
const KINDS = ["ssh", "winrm", "device", "database", "probe"] as const;

/** Evidence that runs fetch by themselves: from where, with which secret, in which hours. */
export function FetchPanel({ system }: { system: FiledSystem }) {
  const { t, word } = useWords();
  const can = useCan();
  const change = useChangeSystem();
  const [adding, setAdding] = useState(false);
  const row = system.register_row;
  const kept = row.collections ?? [];
  const keep = (collections: Collection[], done?: () => void) => change.mutate({ system: system.id, ...row, collections }, { onSuccess: done });
  return (
    <section className="panel padded stack tight">
      <div className="row">
        <h2 className="grow">{t("web.fetch.title")}</h2>
        {can("comply") && !adding && <Button size="small" onClick={() => setAdding(true)}>{t("web.fetch.add")}</Button>}
      </div>
      <p className="muted" style={{ margin: 0 }}>{t("web.fetch.means")}</p>
      {change.error && <ProblemView error={change.error} />}
      {kept.length === 0 && !adding && <span className="muted">{t("web.fetch.none")}</span>}
      {kept.map((one, index) => (
        <div key={`${one.asset}${one.kind}`} className="row wrap">
          <strong>{one.asset}</strong>
          <span className="mark">{word("web.fetch_kind", one.kind)}</span>
          <span className="mono">{one.target}</span>
          <span className="muted grow clip">{[one.secret && `${t("web.fetch.secret")} ${one.secret}`, one.hours, one.approved_by && `${t("web.fetch.approved_by")} ${one.approved_by}`, written(one.options)].filter(Boolean).join(" · ")}</span>
          {can("comply") && <Button size="small" aria-label={t("web.fetch.remove", { asset: one.asset })} onClick={() => keep(kept.filter((_, at) => at !== index))}>{t("web.fetch.stop")}</Button>}
        </div>
      ))}
      {adding && <NewFetch system={system} busy={change.isPending} onClose={() => setAdding(false)} onKeep={(made) => keep([...kept.filter((one) => one.asset !== made.asset || one.kind !== made.kind), made], () => setAdding(false))} />}
    </section>
  );
}

function NewFetch({ system, busy, onClose, onKeep }: { system: FiledSystem; busy: boolean; onClose(): void; onKeep(made: Collection): void }) {
  const { t, word } = useWords();
  const inventory = useInventory();
  const mine = inventory.data?.assets.filter((one) => system.register_row.assets?.includes(one.id)) ?? [];
  const [made, setMade] = useState<Collection>({ asset: "", kind: "ssh", target: "", secret: "", hours: "", approved_by: "", options: {} });
  const [options, setOptions] = useState("");
  const set = (change: Partial<Collection>) => setMade({ ...made, ...change });
  const text = (name: "target" | "secret" | "hours" | "approved_by", hint = "") => (
    <label>
      <span>{word("web.fetch", name)}</span>
      <Input value={made[name]} maxLength={400} placeholder={hint} onChange={(event) => set({ [name]: event.target.value })} />
    </label>
  );
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        onKeep({ ...made, options: read(options) });
      }}
    >
      <label>
        <span>{t("web.fetch.asset")}</span>
        <Select autoFocus value={made.asset || undefined} onChange={(asset: string) => set({ asset })} options={mine.map((one) => ({ value: one.id, label: `${one.name || one.id} ${one.addresses.join(" ")}` }))} />
      </label>
      <label>
        <span>{t("web.fetch.kind")}</span>
        <Select value={made.kind} onChange={(kind: Collection["kind"]) => set({ kind })} options={KINDS.map((kind) => ({ value: kind, label: word("web.fetch_kind", kind) }))} />
      </label>
      {text("target", word("web.fetch_hint", made.kind))}
      {made.kind !== "probe" && text("secret")}
      {text("hours", t("web.fetch.hours_hint"))}
      {text("approved_by")}
      <label>
        <span>{t("web.fetch.options")}</span>
        <Input value={options} maxLength={2000} placeholder={t("web.fetch.options_hint")} onChange={(event) => setOptions(event.target.value)} />
      </label>
      <div className="row end">
        <Button onClick={onClose}>{t("web.systems.cancel")}</Button>
        <Button type="primary" htmlType="submit" loading={busy} disabled={!made.asset || !made.target.trim() || (made.kind === "probe" && !made.approved_by?.trim())}>
          {t("web.systems.save")}
        </Button>
      </div>
    </form>
  );
}

const written = (options: Collection["options"]) =>
  Object.entries(options ?? {})
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

const read = (text: string) =>
  Object.fromEntries(
    text
      .split(/\s+/)
      .filter((part) => part.includes("="))
      .map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]),
  );
