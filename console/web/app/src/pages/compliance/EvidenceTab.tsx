import { InboxOutlined } from "@ant-design/icons";
import { Select, Upload } from "antd";
import { useState } from "react";
import { useCan } from "../../api/session";
import { useInventory } from "../../api/shelves";
import { useBring } from "../../api/systems";
import type { FiledSystem } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { JobProgress } from "../../components/JobProgress";
import { Empty, ProblemView } from "../../components/states";
import { Value } from "../../components/Value";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { FetchPanel } from "./FetchPanel";

type Row = FiledSystem["evidence"][number];

/** Evidence that was brought: drop a bundle or a configuration and it is judged at once. */
export function EvidenceTab({ system }: { system: FiledSystem }) {
  const { t, word } = useWords();
  const can = useCan();
  const bring = useBring();
  const inventory = useInventory();
  const [asset, setAsset] = useState("");
  const mine = inventory.data?.assets.filter((one) => system.register_row.assets?.includes(one.id)) ?? [];
  const columns: Column<Row>[] = [
    { key: "asset", title: t("web.systems.object"), width: 160, cell: (file) => (file.kind === "register" ? word("web.register_name", file.asset.replace("register:", "")) : <span className="mono">{file.asset}</span>) },
    { key: "name", title: t("web.systems.file"), width: 180, cell: (file) => file.name },
    { key: "kind", title: t("web.systems.kind"), width: 90, cell: (file) => word("web.evidence_kind", file.kind) },
    { key: "level", title: t("web.systems.level"), width: 64, cell: (file) => <span className="mark" title={word("web.evidence_level", file.level)}>{file.level}</span> },
    { key: "collected", title: t("web.systems.collected"), width: 130, cell: (file) => (file.collected ? <When at={file.collected} /> : file.kind === "register" ? "—" : <span className="mark warn">{t("web.systems.day_unknown")}</span>) },
    { key: "brought", title: t("web.systems.brought"), width: 130, cell: (file) => <When at={file.brought} /> },
    { key: "by", title: t("web.history.by"), width: 90, cell: (file) => file.by },
    { key: "problems", title: t("web.systems.not_whole"), width: 160, cell: (file) => <span title={file.problems.join("\n")}>{file.problems.join("；") || "—"}</span> },
    { key: "hash", title: "SHA-256", cell: (file) => <Value value={file.sha256} /> },
  ];
  return (
    <div className="page scroll">
      {can("comply") && (
        <>
          <div className="row">
            <span>{t("web.systems.speaks_for")}</span>
            <Select value={asset} onChange={setAsset} style={{ width: 260 }} aria-label={t("web.systems.speaks_for")} options={[{ value: "", label: t("web.systems.by_name") }, ...mine.map((one) => ({ value: one.id, label: one.name || one.id }))]} />
            <JobProgress id={bring.data?.job} />
          </div>
          <Upload.Dragger multiple showUploadList={false} customRequest={({ file }) => bring.mutate({ system: system.id, asset, file: file as File })} style={{ background: "var(--panel)" }}>
            <p style={{ fontSize: 22, margin: 0, color: "var(--accent)" }}>
              <InboxOutlined />
            </p>
            <p style={{ margin: 0 }}>{t("web.systems.drop")}</p>
            <p className="muted" style={{ margin: 0 }}>{t("web.systems.drop_means")}</p>
          </Upload.Dragger>
          {bring.error && <ProblemView error={bring.error} />}
        </>
      )}
      <FetchPanel system={system} />
      {system.evidence.length === 0 ? (
        <Empty title={t("web.systems.no_evidence")} next={t("web.systems.no_evidence_next")} />
      ) : (
        <section className="panel">
          <DenseTable label={t("web.system_tab.evidence")} columns={columns} rows={system.evidence} rowKey={(file) => file.sha256} minWidth={1100} />
        </section>
      )}
    </div>
  );
}
