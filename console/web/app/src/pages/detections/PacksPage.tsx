import { InboxOutlined } from "@ant-design/icons";
import { App, Button, Progress, Upload } from "antd";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { asProblem } from "../../api/problem";
import { previewPack, usePack, usePacks, useRemovePack } from "../../api/packs";
import { useCan } from "../../api/session";
import type { Pack, PackPreview as Preview } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Facts } from "../../components/Facts";
import { ReasonDialog, type ReasonAsked } from "../../components/ReasonDialog";
import { SideDrawer } from "../../components/SideDrawer";
import { Answered, Empty, ProblemView } from "../../components/states";
import { useTitle } from "../../components/title";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { useUrl } from "../../state/url";
import { DetectionsHead } from "./DetectionsHead";
import { PackPreview } from "./PackPreview";
import { RefusedTable } from "./RefusedTable";
import "./detections.css";

/** Where the rules come from: what is installed, under which licence, and what an update would change. */
export function PacksPage() {
  const { word } = useWords();
  const [url, change] = useUrl();
  const [preview, setPreview] = useState<Preview | null>(null);
  const can = useCan();
  const answer = usePacks();
  useTitle(word("web.detections.part", "packs"));
  const writes = can("act") || can("administer");
  return (
    <div className="page">
      <DetectionsHead part="packs" />
      <div className="split" style={{ position: "relative" }}>
        <div className="page scroll grow">
          {preview ? <PackPreview preview={preview} onClose={() => setPreview(null)} /> : writes && <Drop onPreview={setPreview} />}
          <Answered of={answer}>{({ items }) => <PackTable items={items} current={url.pack} onOpen={(pack) => change({ pack: pack.name })} />}</Answered>
        </div>
        {url.pack && <PackDrawer key={url.pack} name={url.pack} onClose={() => change({ pack: "" })} removes={writes} />}
      </div>
    </div>
  );
}

function Drop({ onPreview }: { onPreview(preview: Preview): void }) {
  const { t } = useWords();
  const [share, setShare] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const send = async (file: File) => {
    setError(null);
    setShare(0);
    try {
      onPreview(await previewPack(file, setShare));
    } catch (failed) {
      setError(failed);
    }
    setShare(null);
  };
  return (
    <>
      <Upload.Dragger accept=".zip" showUploadList={false} disabled={share !== null} customRequest={({ file }) => void send(file as File)} style={{ background: "var(--panel)" }}>
        <p style={{ fontSize: 22, margin: 0, color: "var(--accent)" }}>
          <InboxOutlined />
        </p>
        <p style={{ margin: 0 }}>{t("web.packs.drop")}</p>
        <p className="muted" style={{ margin: 0 }}>
          {t("web.packs.drop_means")}
        </p>
      </Upload.Dragger>
      {share !== null && (
        <div className="row" role="status">
          <Progress percent={Math.round(share * 100)} size="small" style={{ width: 260 }} />
          {share === 1 && <span className="muted">{t("web.packs.reading")}</span>}
        </div>
      )}
      {error !== null && <ProblemView error={error} />}
    </>
  );
}

function PackTable({ items, current, onOpen }: { items: readonly Pack[]; current?: string; onOpen(pack: Pack): void }) {
  const { t, word, language } = useWords();
  if (items.length === 0) return <Empty title={t("web.packs.none")} next={t("web.packs.none_next")} />;
  const columns: Column<Pack>[] = [
    {
      key: "name",
      title: t("web.packs.name"),
      cell: (pack) => (
        <span className="row" style={{ gap: 6 }}>
          <strong className="clip">{word("web.rule_origin", pack.name)}</strong>
          {pack.upstream_changed > 0 && <span className="mark warn">{t("web.packs.waiting", { count: pack.upstream_changed })}</span>}
        </span>
      ),
    },
    { key: "kind", title: t("web.packs.kind"), width: 110, cell: (pack) => word("web.pack_kind", pack.kind) },
    { key: "version", title: t("web.packs.version"), width: 110, cell: (pack) => <span title={pack.version}>{pack.version}</span> },
    { key: "licence", title: t("web.rules.licence"), width: 150, cell: (pack) => <span title={pack.licence}>{pack.licence}</span> },
    {
      key: "signed",
      title: t("web.packs.signed"),
      width: 90,
      cell: (pack) => (pack.kind === "pack" ? <span className={`mark ${pack.signed ? "good" : "warn"}`} title={pack.key}>{t(pack.signed ? "web.packs.is_signed" : "web.packs.not_signed")}</span> : <span className="muted">—</span>),
    },
    { key: "rules", title: t("web.packs.rules"), width: 80, right: true, cell: (pack) => <Link to="/detections" search={{ pack: pack.name } as never}>{number(pack.rules, language)}</Link> },
    { key: "refused", title: t("web.packs.refused"), width: 80, right: true, cell: (pack) => <span style={{ color: pack.refused ? "var(--bad)" : undefined }}>{number(pack.refused, language)}</span> },
    { key: "local", title: t("web.packs.local"), width: 96, right: true, cell: (pack) => number(pack.local, language) },
    { key: "at", title: t("web.packs.at"), width: 130, cell: (pack) => <When at={pack.at} /> },
    { key: "by", title: t("web.history.by"), width: 100, cell: (pack) => pack.by },
  ];
  return (
    <section className="panel">
      <h2>{t("web.packs.installed")}</h2>
      <DenseTable label={t("web.packs.installed")} columns={columns} rows={items} rowKey={(pack) => pack.name} current={current} onOpen={onOpen} minWidth={1080} />
    </section>
  );
}

function PackDrawer({ name, removes, onClose }: { name: string; removes: boolean; onClose(): void }) {
  const { t, say, word, language } = useWords();
  const { message } = App.useApp();
  const answer = usePack(name);
  const remove = useRemovePack();
  const [ask, setAsk] = useState<ReasonAsked | null>(null);
  const askRemove = (rules: number, local: number) =>
    setAsk({
      title: t("web.packs.remove", { name }),
      danger: true,
      scope: <span>{t("web.packs.remove_means", { rules, local })}</span>,
      onDone: (reason) =>
        void remove.mutateAsync({ name, reason }).then(
          () => {
            message.success(t("web.packs.removed", { name }));
            onClose();
          },
          (error: unknown) => message.error([asProblem(error).message, asProblem(error).next].filter(Boolean).join(" "), 8),
        ),
    });
  return (
    <SideDrawer name="pack" title={<h2>{word("web.rule_origin", name)}</h2>} onClose={onClose}>
      <Answered of={answer}>
        {(pack) => (
          <div className="stack wide">
            <Facts
              rows={[
                [t("web.packs.kind"), word("web.pack_kind", pack.kind)],
                [t("web.packs.version"), pack.version],
                [t("web.rules.author"), pack.author],
                [t("web.rules.licence"), pack.licence],
                [t("web.packs.source"), pack.source],
                [t("web.packs.digest"), pack.digest],
                [t("web.packs.key"), pack.key],
              ]}
            />
            <div className="row">
              <Link to="/detections" search={{ pack: pack.name } as never}>
                {t("web.packs.rules_count", { count: number(pack.rules, language) })}
              </Link>
              <span className="grow" />
              {removes && pack.removable && (
                <Button danger loading={remove.isPending} onClick={() => askRemove(pack.rules, pack.local)}>
                  {t("web.packs.remove", { name: "" })}
                </Button>
              )}
            </div>
            {pack.upstream_changed_items.length > 0 && (
              <section className="stack tight">
                <h3>{t("web.packs.waiting", { count: pack.upstream_changed_items.length })}</h3>
                {pack.upstream_changed_items.map((rule) => (
                  <Link key={rule.id} to="/detections/rules/$id" params={{ id: rule.id }} search={{ tab: "merge" } as never}>
                    {say(rule.title)}
                  </Link>
                ))}
              </section>
            )}
            {pack.refused_items.length > 0 && (
              <section className="stack tight">
                <h3>{t("web.refused.count", { count: pack.refused_items.length })}</h3>
                <RefusedTable narrow rows={pack.refused_items} />
              </section>
            )}
          </div>
        )}
      </Answered>
      <ReasonDialog ask={ask} onClose={() => setAsk(null)} />
    </SideDrawer>
  );
}
