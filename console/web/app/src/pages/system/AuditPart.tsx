import { Button } from "antd";
import { AUDIT_PAGE, useAudit } from "../../api/shelves";
import type { AuditEntry } from "../../api/types";
import { DenseTable } from "../../components/DenseTable";
import { Answered, Empty } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";

const told = (entry: AuditEntry): string =>
  Object.entries(entry.detail)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("  ");

/** What everybody did, newest first, and whether the chain of hashes still holds. */
export function AuditPart() {
  const { t } = useWords();
  const [url, change] = useUrl();
  const answer = useAudit(Number(url.before) || undefined);
  return (
    <Answered of={answer}>
      {({ items, faults }) => (
        <>
          <div className={`notice ${faults.length > 0 ? "warn" : ""}`} role="status">
            {faults.length > 0 ? t("web.audit.faults", { count: faults.length }) : t("web.audit.whole")}
          </div>
          {items.length === 0 ? (
            <Empty title={t("web.audit.none")} />
          ) : (
            <section className="panel">
              <DenseTable
                label={t("web.place.audit")}
                rows={items}
                rowKey={(entry) => String(entry.number)}
                columns={[
                  { key: "number", title: t("web.packets.number"), width: 70, right: true, cell: (entry) => entry.number },
                  { key: "at", title: t("web.history.at"), width: 130, cell: (entry) => <When at={entry.at} /> },
                  { key: "by", title: t("web.history.by"), width: 120, cell: (entry) => entry.by },
                  { key: "action", title: t("web.history.act"), width: 190, cell: (entry) => <span className="mono">{entry.action}</span> },
                  { key: "target", title: t("web.audit.target"), width: 220, cell: (entry) => <span className="mono" title={entry.target}>{entry.target}</span> },
                  { key: "detail", title: t("web.history.detail"), cell: (entry) => <span className="mono muted" title={told(entry)}>{told(entry)}</span> },
                  { key: "sm3", title: t("web.audit.chain"), width: 120, cell: (entry) => <span className="mono muted" title={`SM3 ${entry.sm3}\nSHA-256 ${entry.sha256}`}>{entry.sm3.slice(0, 12)}</span> },
                ]}
              />
            </section>
          )}
          <div className="row">
            {url.before && <Button onClick={() => change({ before: "" })}>{t("web.audit.newest")}</Button>}
            {items.length === AUDIT_PAGE && <Button onClick={() => change({ before: String(items.at(-1)?.number ?? "") })}>{t("web.audit.older")}</Button>}
          </div>
        </>
      )}
    </Answered>
  );
}
