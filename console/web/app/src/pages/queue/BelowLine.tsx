import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "antd";
import { useWeakAlerts } from "../../api/incidents";
import type { Alert } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { EntityValue } from "../../components/EntityValue";
import { SeverityMark } from "../../components/Severity";
import { Answered, Empty } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import type { UrlWords } from "../../state/url";

const SIZE = 100;

/** What nobody has to answer, and nothing of it hidden: alerts that make no incident. */
export function WeakAlerts({ url }: { url: UrlWords }) {
  const { t, say } = useWords();
  const [offset, setOffset] = useState(0);
  const answer = useWeakAlerts({ run: url.run ?? "any", text: url.text, limit: SIZE, offset });
  const columns: Column<Alert>[] = [
    { key: "severity", title: t("web.queue.severity"), width: 42, cell: (alert) => <SeverityMark of={alert.severity} /> },
    { key: "title", title: t("web.queue.alerts"), cell: (alert) => <span title={say(alert.reason)}>{say(alert.title)}</span> },
    { key: "entity", title: t("web.queue.entities"), width: 200, cell: (alert) => alert.entities[0] && <EntityValue entity={alert.entities[0]} /> },
    { key: "count", title: "×", width: 64, right: true, cell: (alert) => alert.count },
    { key: "first", title: t("web.queue.first"), width: 128, cell: (alert) => <When at={alert.first} /> },
    { key: "last", title: t("web.queue.last"), width: 128, cell: (alert) => <When at={alert.last} /> },
  ];
  return (
    <section className="stack tight" style={{ padding: "12px 12px 0" }}>
      <Answered of={answer}>
        {(page) => (
          <>
            <div className="row">
              <h3>{t("web.line.weak", { count: page.total })}</h3>
              <span className="grow" />
              <Link to="/hunt" search={{ q: "event.dataset:ids AND event.kind:alert" } as never} className="muted">
                {t("web.line.foreign")}
              </Link>
              <Button disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - SIZE))} aria-label={t("web.table.previous")}>
                ‹
              </Button>
              <Button disabled={offset + SIZE >= page.total} onClick={() => setOffset(offset + SIZE)} aria-label={t("web.table.next")}>
                ›
              </Button>
            </div>
            {page.items.length === 0 ? <Empty title={t("web.line.no_weak")} /> : <DenseTable label={t("web.line.weak", { count: page.total })} columns={columns} rows={page.items} rowKey={(alert) => alert.id} minWidth={860} />}
          </>
        )}
      </Answered>
    </section>
  );
}
