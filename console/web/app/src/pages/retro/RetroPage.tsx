import { useRetroHunts } from "../../api/retro";
import { useCan } from "../../api/session";
import type { RetroHunt } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Answered, Empty } from "../../components/states";
import { useTitle } from "../../components/title";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { useKeys } from "../../keyboard/keys";
import { useUrl } from "../../state/url";
import { EventDrawer } from "../hunt/EventDrawer";
import { RetroForm } from "./RetroForm";
import { RetroResult, useWhat } from "./RetroResult";

/** Was it here before we knew of it? Rules, indicators and queries over what is stored. */
export function RetroPage() {
  const { t } = useWords();
  const [url, change] = useUrl();
  const can = useCan();
  const hunts = useRetroHunts();
  useTitle(t("web.place.retro"));
  const items = hunts.data?.items ?? [];
  const shown = url.job ?? items[0]?.job.id ?? "";
  const go = (step: number) => {
    const at = items.findIndex((hunt) => hunt.job.id === shown);
    const next = items[Math.max(0, Math.min(at + step, items.length - 1))];
    if (next) change({ job: next.job.id, event: "" }, true);
  };
  useKeys([
    { keys: "j", label: "web.keys.down", run: () => go(1) },
    { keys: "k", label: "web.keys.up", run: () => go(-1) },
  ]);
  return (
    <div className="page">
      <div className="split" style={{ position: "relative" }}>
        <div className="sheet stack" style={{ padding: 12 }}>
          {can("act") && <RetroForm onStarted={(job) => change({ job, event: "" })} />}
          {shown && <RetroResult key={shown} id={shown} event={url.event} onEvent={(event) => change({ event }, true)} onJob={(job) => change({ job, event: "" })} />}
          <Answered of={hunts}>
            {({ items: known }) => (known.length === 0 ? <Empty title={t("web.retro.none")} next={t("web.retro.none_next")} /> : <Earlier hunts={known} current={shown} onOpen={(job) => change({ job, event: "" })} />)}
          </Answered>
        </div>
        {url.event && <EventDrawer key={url.event} id={url.event} onClose={() => change({ event: "" })} />}
      </div>
    </div>
  );
}

function Earlier({ hunts, current, onOpen }: { hunts: readonly RetroHunt[]; current: string; onOpen(job: string): void }) {
  const { t, word, language } = useWords();
  const what = useWhat();
  const columns: Column<RetroHunt>[] = [
    { key: "created", title: t("web.jobs.created"), width: 130, cell: ({ job }) => <When at={job.created} /> },
    { key: "kind", title: t("web.retro.kind"), width: 90, cell: (hunt) => word("web.retro.of", hunt.kind) },
    { key: "what", title: t("web.retro.what"), cell: (hunt) => <span className="mono clip" title={hunt.what}>{what(hunt)}</span> },
    { key: "by", title: t("web.history.by"), width: 120, cell: ({ job }) => job.by },
    { key: "status", title: t("web.queue.status"), width: 90, cell: ({ job }) => word("web.job_status", job.status) },
    { key: "hits", title: t("web.retro.hits"), width: 90, right: true, cell: ({ found }) => (found ? number(found.hits, language) : "—") },
    { key: "events", title: t("web.retro.looked_at"), width: 120, right: true, cell: ({ found }) => (found ? number(found.events, language) : "—") },
  ];
  return (
    <section className="panel">
      <h2>{t("web.retro.earlier")}</h2>
      <DenseTable label={t("web.retro.earlier")} columns={columns} rows={hunts} rowKey={(hunt) => hunt.job.id} current={current} onOpen={(hunt) => onOpen(hunt.job.id)} />
    </section>
  );
}
