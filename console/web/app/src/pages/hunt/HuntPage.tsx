import { ReloadOutlined } from "@ant-design/icons";
import { useNavigate } from "@tanstack/react-router";
import { Button, Dropdown } from "antd";
import { useState } from "react";
import { useEvents, useHistogram, type Search } from "../../api/events";
import { asProblem } from "../../api/problem";
import { DenseTable } from "../../components/DenseTable";
import { Histogram } from "../../components/Histogram";
import { Empty, Loading, ProblemView } from "../../components/states";
import { TimePicker } from "../../components/TimePicker";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { number, span } from "../../i18n/format";
import { useKeys } from "../../keyboard/keys";
import { useRange } from "../../state/range";
import { useUrl } from "../../state/url";
import { columnsOf, eventColumns } from "./columns";
import { EventDrawer } from "./EventDrawer";
import { asCsv, asNdjson, download } from "./exporting";
import { FieldList } from "./FieldList";
import { QueryBox } from "./QueryBox";
import { SavedHunts } from "./SavedHunts";
import { text } from "./summary";

const idOf = (row: Record<string, unknown>) => text(row["event.id"]);

/** Hunt: any question to the events, its answer over time, by field and row by row. */
export function HuntPage() {
  const words = useWords();
  const { t, language } = words;
  const [url, change] = useUrl();
  const navigate = useNavigate();
  const [refreshed, setRefreshed] = useState(0);
  const range = useRange(url, refreshed);
  const search: Search = { q: url.q ?? "", since: range.since, until: range.until };
  const sort = url.sort ?? "-@timestamp";
  const events = useEvents(search, sort, range.ready);
  const counts = useHistogram(search, 60, range.ready);
  useTitle(t("web.place.hunt"));

  const rows = events.data?.pages.flatMap((page) => page.events) ?? [];
  const first = events.data?.pages[0];
  const marks = new Map(events.data?.pages.flatMap((page) => page.events.map((row, index) => [idOf(row), page.marks[index] ?? []] as const)));
  const columns = columnsOf(url.columns);
  const at = rows.findIndex((row) => idOf(row) === url.event);
  const go = (index: number) => {
    const row = rows[Math.max(0, Math.min(index, rows.length - 1))];
    if (row) change({ event: idOf(row) }, true);
  };
  useKeys([
    { keys: "j", label: "web.keys.down", run: () => go(at + 1) },
    { keys: "k", label: "web.keys.up", run: () => go(at - 1) },
    { keys: "]", label: "web.keys.next", run: () => go(at + 1) },
    { keys: "[", label: "web.keys.previous", run: () => go(at - 1) },
  ]);
  const run = (q: string) => {
    setRefreshed(refreshed + 1);
    change({ q, event: "" });
  };
  const badQuery = events.error !== null && asProblem(events.error).status === 422;
  const save = (form: "csv" | "ndjson") => {
    const csv = form === "csv";
    download(`fengsui-events.${form}`, csv ? asCsv(rows, columns) : asNdjson(rows), csv ? "text/csv" : "application/x-ndjson");
  };
  return (
    <div className="page">
      <div className="bar" style={{ alignItems: "flex-start" }}>
        <QueryBox value={search.q} range={{ since: range.since, until: range.until }} error={events.error} onRun={run} />
        <TimePicker range={range} onChange={(patch) => change({ ...patch, event: "" })} />
        <Button icon={<ReloadOutlined />} aria-label={t("web.hunt.refresh")} title={t("web.hunt.refresh")} onClick={() => setRefreshed(refreshed + 1)} />
        <SavedHunts query={search.q} onRun={run} />
        <Button onClick={() => void navigate({ to: "/hunt/retro", search: (search.q ? { of: "query", what: search.q } : {}) as never })}>{t("web.retro.open")}</Button>
        <Dropdown
          trigger={["click"]}
          disabled={rows.length === 0}
          menu={{
            items: [
              { key: "csv", label: t("web.hunt.export_csv", { count: rows.length }), onClick: () => save("csv") },
              { key: "ndjson", label: t("web.hunt.export_ndjson", { count: rows.length }), onClick: () => save("ndjson") },
            ],
          }}
        >
          <Button>{t("web.hunt.export")}</Button>
        </Dropdown>
      </div>
      {first && !badQuery && (
        <div className="notice" style={{ background: "none" }} role="status">
          <strong>{t("web.hunt.total", { total: number(first.total, language), seconds: span(first.seconds, language) })}</strong>
          {first.partial && <span className="mark warn">{t("web.hunt.partial")}</span>}
          {counts.data && counts.data.buckets.length > 0 && <span className="muted">{t("web.hunt.histogram", { span: span(counts.data.interval_seconds, language) })}</span>}
        </div>
      )}
      {counts.data && counts.data.buckets.length > 0 && !badQuery && (
        <div style={{ background: "var(--panel)", borderBottom: "1px solid var(--faint)" }}>
          <Histogram counts={counts.data} onRange={(since, until) => change({ since, until, range: "", event: "" })} />
        </div>
      )}
      <div className="split" style={{ position: "relative" }}>
        {rows.length > 0 && <FieldList search={search} rows={rows} columns={columns} onColumns={(names) => change({ columns: names.join(",") })} onQuery={run} />}
        <div className="sheet">
          {events.error !== null && !badQuery && <ProblemView error={events.error} onRetry={() => void events.refetch()} />}
          {badQuery && <Empty title={t("web.hunt.bad")} next={t("web.hunt.bad_next")} />}
          {events.isPending && !events.error && <Loading />}
          {first && rows.length === 0 && !badQuery && (
            <Empty title={t("web.hunt.none")} next={t("web.hunt.none_next")}>
              {range.name !== "all" && <Button onClick={() => change({ range: "all", since: "", until: "" })}>{t("web.hunt.all_time")}</Button>}
              {search.q && <Button onClick={() => run("")}>{t("web.hunt.all_events")}</Button>}
            </Empty>
          )}
          {rows.length > 0 && (
            <>
              <DenseTable label={t("web.place.hunt")} columns={eventColumns(columns, words, (row) => marks.get(idOf(row)))} rows={rows} rowKey={idOf} current={url.event} onOpen={(row) => change({ event: idOf(row) })} sort={sort} onSort={(next) => change({ sort: next })} minWidth={Math.max(860, columns.length * 130)} />
              <div className="row" style={{ justifyContent: "center", padding: 8 }}>
                <span className="muted">{t("web.hunt.shown", { count: number(rows.length, language), total: number(first?.total ?? 0, language) })}</span>
                {events.hasNextPage && (
                  <Button loading={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
                    {t("web.hunt.more")}
                  </Button>
                )}
              </div>
            </>
          )}
        </div>
        {url.event && <EventDrawer key={url.event} id={url.event} q={badQuery ? "" : search.q} onClose={() => change({ event: "" })} />}
      </div>
    </div>
  );
}
