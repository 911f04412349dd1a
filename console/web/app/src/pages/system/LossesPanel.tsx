import type { Joint } from "../../api/types";
import { DenseTable } from "../../components/DenseTable";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { lossName, lossesOf } from "./losses";

/** Every counter of loss: what grew within the hour stands first and in red, what is past in plain. */
export function LossesPanel({ joints }: { joints: readonly Joint[] }) {
  const { t, word, language } = useWords();
  const rows = joints.flatMap(lossesOf);
  const where = (id: string, run: string) => (run ? t("web.health.in_run", { joint: word("web.joint", id), run }) : word("web.joint", id));
  return (
    <section className="panel">
      <h2>{t("web.health.losses")}</h2>
      {rows.length === 0 ? (
        <p className="padded muted" style={{ margin: 0 }}>
          {t("web.health.no_losses")}
        </p>
      ) : (
        <DenseTable
          label={t("web.health.losses")}
          rows={rows}
          rowKey={(row) => row.joint + row.run + row.name}
          columns={[
            { key: "joint", title: t("web.health.joint"), width: 300, cell: (row) => where(row.joint, row.run) },
            {
              key: "name",
              title: t("web.health.counter"),
              cell: (row) => (
                <span title={row.name}>
                  {lossName(row.name, word, (place, kind) => t("web.health.counter_name", { place, kind }))}
                  {row.noted && <span className="muted">{t("web.health.noted")}</span>}
                </span>
              ),
            },
            { key: "lately", title: t("web.health.last_hour"), width: 110, right: true, cell: (row) => (row.lately === null ? "—" : <span style={{ color: row.lately && !row.noted ? "var(--bad)" : undefined }}>{number(row.lately, language)}</span>) },
            { key: "count", title: t("web.health.since_start"), width: 130, right: true, cell: (row) => number(row.count, language) },
          ]}
        />
      )}
    </section>
  );
}
