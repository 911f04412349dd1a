import { useNavigate } from "@tanstack/react-router";
import { App, Button, Input, Segmented } from "antd";
import type { InputRef } from "antd";
import { useRef, useState } from "react";
import { useCases } from "../../api/incidents";
import type { ActKind, ActValues, CaseRow } from "../../api/types";
import { DenseTable } from "../../components/DenseTable";
import { Answered, Empty } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { listKeys, useKeys } from "../../keyboard/keys";
import { useUrl } from "../../state/url";
import { ActBar } from "./ActBar";
import { CaseDrawer } from "./CaseDrawer";
import { WeakAlerts } from "./BelowLine";
import { CloseDialog } from "./CloseDialog";
import { MergeDialog } from "./MergeDialog";
import { QueueFacets } from "./QueueFacets";
import { SplitDialog } from "./SplitDialog";
import { queueColumns } from "./columns";
import { queryOf, PAGE_SIZE, tabOf, TABS } from "./query";
import { useCan } from "../../api/session";
import { useDeeds } from "./useDeeds";

/** The queue: what to answer next. */
export function QueuePage() {
  const words = useWords();
  const { t, word } = words;
  const [url, change] = useUrl();
  const answer = useCases(queryOf(url));
  const navigate = useNavigate();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState<string>();
  const [dialog, setDialog] = useState<"close" | "merge" | "split">();
  const search = useRef<InputRef>(null);
  const deeds = useDeeds();
  const { message } = App.useApp();
  const can = useCan();
  useTitle(t("web.place.queue"));

  const rows = answer.data?.items ?? [];
  const at = rows.findIndex((row) => row.id === (url.open ?? current));
  const here = rows[at];
  const chosen = rows.filter((row) => selected.has(row.id));
  const touched: CaseRow[] = chosen.length > 0 ? chosen : here ? [here] : [];
  const targets = touched.map(({ id, version }) => ({ id, version }));

  const go = (index: number) => {
    const row = rows[Math.max(0, Math.min(index, rows.length - 1))];
    if (!row) return;
    setCurrent(row.id);
    if (url.open) change({ open: row.id }, true);
  };
  const scope = t("web.act.many_scope", { filter: [word("web.queue.tab", tabOf(url)), url.severity, url.status, url.owner, url.unit, url.run, url.text].filter(Boolean).join(" · ") });
  const act = async (kind: ActKind) => {
    if (await deeds.askThenAct(targets, kind, scope)) setSelected(new Set());
  };
  const actWith = async (kind: ActKind, values: ActValues) => {
    await deeds.act(targets, kind, values);
    setSelected(new Set());
  };
  const askMerge = () => (touched.length > 1 ? setDialog("merge") : void message.info(t("web.groups.too_few")));
  const askSplit = () => (touched.length === 1 ? setDialog("split") : void message.info(t("web.groups.one_only")));
  const mark = () => {
    if (!here) return;
    const next = new Set(selected);
    if (!next.delete(here.id)) next.add(here.id);
    setSelected(next);
  };
  const open = () => here && (url.open ? void navigate({ to: "/incidents/$id", params: { id: here.id } }) : change({ open: here.id }));
  useKeys(listKeys({ at, go, open, search: () => search.current?.focus() }));
  useKeys(
    [
      { keys: "x", label: "web.keys.select", run: mark },
      { keys: "a", label: "web.keys.take", run: () => void act("take") },
      { keys: "e", label: "web.keys.close", run: () => targets.length > 0 && setDialog("close") },
      { keys: "s", label: "web.keys.escalate", run: () => void act("escalate") },
      { keys: "m", label: "web.groups.merge_key", run: askMerge },
      { keys: "d", label: "web.groups.split_key", run: askSplit },
      { keys: "r", label: "web.groups.reopen_key", run: () => void act("reopen") },
      { keys: "u", label: "web.keys.undo", run: () => void deeds.undo() },
      { keys: ".", label: "web.keys.menu", run: () => document.querySelector<HTMLElement>(".act-menu")?.click() },
    ],
    can("act"),
  );

  const tab = tabOf(url);
  const offset = Number(url.offset ?? 0) || 0;
  const total = answer.data?.total ?? 0;
  const filtered = Boolean(url.severity || url.status || url.owner || url.unit || url.run || url.origin || url.text);
  return (
    <div className="page">
      <div className="bar">
        <Segmented value={tab} onChange={(next) => change({ tab: next === "active" ? "" : String(next), status: "", offset: "", open: "" })} options={TABS.map((name) => ({ value: name, label: name === "below" ? t("web.line.tab") : word("web.queue.tab", name) }))} />
        <Input.Search
          ref={search}
          key={url.text ?? ""}
          defaultValue={url.text}
          allowClear
          placeholder={t("web.queue.search")}
          aria-label={t("web.queue.search")}
          style={{ width: 240 }}
          onSearch={(text) => change({ text, offset: "" })}
        />
        <span className="grow" />
        {chosen.length > 0 && <strong>{t("web.queue.selected", { count: chosen.length })}</strong>}
        {(chosen.length > 0 || url.open) && <ActBar closed={touched.every((row) => row.status === "closed")} onAct={(kind) => void act(kind)} onAssign={(owner) => void actWith("assign", { owner })} onCloseIncident={() => setDialog("close")} onMerge={askMerge} onSplit={askSplit} />}
        {total > 0 && <span className="muted">{t("web.queue.range", { from: offset + 1, to: offset + rows.length, total })}</span>}
        <Button disabled={offset === 0} onClick={() => change({ offset: String(Math.max(0, offset - PAGE_SIZE)) })} aria-label={t("web.table.previous")}>
          ‹
        </Button>
        <Button disabled={offset + rows.length >= total} onClick={() => change({ offset: String(offset + PAGE_SIZE) })} aria-label={t("web.table.next")}>
          ›
        </Button>
      </div>
      <div className="split" style={{ position: "relative" }}>
        {answer.data && <QueueFacets facets={answer.data.facets} words={url} onChange={change} />}
        <div className="sheet">
          {tab === "below" && <p className="muted" style={{ padding: "8px 12px 0", margin: 0 }}>{t("web.line.why")}</p>}
          <Answered of={answer}>
            {(page) =>
              page.items.length === 0 ? (
                <Empty title={tab === "below" ? t("web.line.none") : t(filtered ? "web.queue.none_filtered" : "web.queue.none")} next={filtered ? undefined : t("web.queue.none_next")}>
                  {filtered ? (
                    <Button onClick={() => change({ severity: "", status: "", owner: "", unit: "", run: "", origin: "", text: "", offset: "" })}>{t("web.queue.clear")}</Button>
                  ) : (
                    <>
                      {tab !== "all" && <Button onClick={() => change({ tab: "all" })}>{word("web.queue.tab", "all")}</Button>}
                      <Button onClick={() => void navigate({ to: "/drills" })}>{t("web.place.drills")}</Button>
                      <Button onClick={() => void navigate({ to: "/system/$part", params: { part: "captures" } })}>{t("web.place.captures")}</Button>
                    </>
                  )}
                </Empty>
              ) : (
                <DenseTable
                  label={t("web.place.queue")}
                  columns={queueColumns(words)}
                  rows={page.items}
                  rowKey={(row) => row.id}
                  current={here?.id}
                  onOpen={(row) => {
                    setCurrent(row.id);
                    change({ open: row.id });
                  }}
                  selected={selected}
                  onSelect={can("act") ? setSelected : undefined}
                  sort={url.sort ?? "-score"}
                  onSort={(sort) => change({ sort, offset: "" })}
                  minWidth={980}
                />
              )
            }
          </Answered>
          {tab === "below" && <WeakAlerts url={url} />}
        </div>
        {url.open && <CaseDrawer id={url.open} onClose={() => change({ open: "" })} />}
      </div>
      <CloseDialog open={dialog === "close"} count={targets.length} onClose={() => setDialog(undefined)} onDone={(values) => void actWith("close", values)} />
      {dialog === "merge" && <MergeDialog rows={touched} onClose={() => setDialog(undefined)} onDone={(reason) => void deeds.merge(targets, reason).then(() => setSelected(new Set()))} />}
      {dialog === "split" && here && <SplitDialog row={touched[0] ?? here} onClose={() => setDialog(undefined)} onDone={(run, count) => void deeds.split(run, count)} />}
    </div>
  );
}
