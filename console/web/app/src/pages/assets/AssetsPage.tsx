import { Input, Tabs } from "antd";
import type { ReactNode } from "react";
import { useInventory } from "../../api/shelves";
import type { Asset, Inventory } from "../../api/types";
import { DenseTable } from "../../components/DenseTable";
import { Answered, Empty } from "../../components/states";
import { useTitle } from "../../components/title";
import { Value } from "../../components/Value";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";

const TABS = ["assets", "units", "systems", "networks"] as const;

const holds = (row: object, text: string) => !text || JSON.stringify(row).toLowerCase().includes(text.toLowerCase());

/** Whose things these are: assets, units, filed systems and the address plan. */
export function AssetsPage() {
  const { t, word } = useWords();
  const [url, change] = useUrl();
  const answer = useInventory();
  useTitle(t("web.place.assets"));
  const tab = TABS.find((name) => name === url.tab) ?? "assets";
  return (
    <div className="page">
      <div className="bar">
        <h1 className="grow">{t("web.place.assets")}</h1>
        <Input.Search allowClear defaultValue={url.text} style={{ width: 260 }} placeholder={t("web.assets.search")} aria-label={t("web.assets.search")} onSearch={(text) => change({ text })} />
      </div>
      <Answered of={answer}>
        {(inventory) => (
          <>
            <Tabs
              activeKey={tab}
              onChange={(next) => change({ tab: next })}
              style={{ padding: "0 12px", background: "var(--panel)", flex: "none" }}
              items={TABS.map((name) => ({ key: name, label: t("web.incident.tab_count", { name: word("web.assets.tab", name), count: inventory[name].length }) }))}
            />
            <div className="sheet">
              <Shelf name={tab} inventory={inventory} text={url.text ?? ""} />
            </div>
          </>
        )}
      </Answered>
    </div>
  );
}

function Shelf({ name, inventory, text }: { name: (typeof TABS)[number]; inventory: Inventory; text: string }) {
  const { t, word } = useWords();
  const unit = (id: string) => inventory.units.find((candidate) => candidate.id === id)?.name ?? id;
  const system = (id: string | undefined) => inventory.systems.find((candidate) => candidate.id === id)?.name ?? id ?? "";
  const label = word("web.assets.tab", name);
  const table = (rows: readonly unknown[], made: ReactNode) => (rows.length === 0 ? <Empty title={t(text ? "web.assets.none_found" : "web.assets.none")} next={text ? undefined : t("web.assets.none_next")} /> : made);
  switch (name) {
    case "assets": {
      const rows = inventory.assets.filter((row) => holds(row, text));
      return table(
        rows,
        <DenseTable
          label={label}
          minWidth={1080}
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            { key: "name", title: t("web.assets.asset"), width: 190, cell: (row) => <Value value={row.id} kind="asset" shown={row.name} /> },
            { key: "addresses", title: t("web.assets.addresses"), cell: (row) => <Addresses of={row} /> },
            { key: "unit", title: t("web.assets.unit"), width: 130, cell: (row) => unit(row.unit) },
            { key: "system", title: t("web.assets.system"), width: 130, cell: (row) => system(row.system) },
            { key: "zone", title: t("web.assets.zone"), width: 150, cell: (row) => [word("web.plane", row.plane), row.zone].filter(Boolean).join(" · ") },
            { key: "kind", title: t("web.assets.kind"), width: 90, cell: (row) => word("web.asset_kind", row.kind ?? "") },
            { key: "criticality", title: t("web.assets.criticality"), width: 80, cell: (row) => word("web.criticality", String(row.criticality)) },
            { key: "responsible", title: t("web.assets.responsible"), width: 90, cell: (row) => row.responsible },
            { key: "last", title: t("web.assets.seen"), width: 124, cell: (row) => <When at={row.last} /> },
          ]}
        />,
      );
    }
    case "units": {
      const rows = inventory.units.filter((row) => holds(row, text));
      return table(
        rows,
        <DenseTable
          label={label}
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            { key: "name", title: t("web.assets.unit"), cell: (row) => <Value value={row.id} kind="unit" shown={row.name} /> },
            { key: "responsible", title: t("web.assets.responsible"), cell: (row) => row.responsible || "—" },
            { key: "count", title: t("web.assets.count"), right: true, width: 120, cell: (row) => inventory.assets.filter((asset) => asset.unit === row.id).length },
          ]}
        />,
      );
    }
    case "systems": {
      const rows = inventory.systems.filter((row) => holds(row, text));
      return table(
        rows,
        <DenseTable
          label={label}
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            { key: "name", title: t("web.assets.system"), cell: (row) => row.name },
            { key: "unit", title: t("web.assets.unit"), cell: (row) => unit(row.unit) },
            { key: "level", title: t("web.assets.level"), width: 160, cell: (row) => t("web.assets.level_of", { level: row.level, s: row.s_level, a: row.a_level }) },
            { key: "filing", title: t("web.assets.filing"), width: 220, cell: (row) => <span className="mono">{row.filing_number || "—"}</span> },
          ]}
        />,
      );
    }
    case "networks": {
      const rows = inventory.networks.filter((row) => holds(row, text));
      return table(
        rows,
        <DenseTable
          label={label}
          rows={rows}
          rowKey={(row) => row.cidr}
          columns={[
            { key: "cidr", title: t("web.assets.network"), cell: (row) => <Value value={row.cidr} kind="network" /> },
            { key: "plane", title: t("web.assets.plane"), cell: (row) => word("web.plane", row.plane) },
            { key: "zone", title: t("web.assets.zone"), cell: (row) => row.zone },
            { key: "unit", title: t("web.assets.unit"), cell: (row) => unit(row.unit) || "—" },
          ]}
        />,
      );
    }
  }
}

function Addresses({ of }: { of: Asset }) {
  return (
    <span className="row" style={{ gap: 10 }}>
      {(of.addresses ?? []).slice(0, 3).map((address) => (
        <Value key={address} value={address} kind="host" />
      ))}
    </span>
  );
}
