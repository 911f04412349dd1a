import { App, Button, Checkbox, Input } from "antd";
import { useState } from "react";
import { useInstallPack } from "../../api/packs";
import type { PackChange, PackPreview as Preview } from "../../api/types";
import { ReasonDialog, type ReasonAsked } from "../../components/ReasonDialog";
import { ProblemView } from "../../components/states";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import { Difference } from "./UnifiedDiff";
import { RefusedTable } from "./RefusedTable";

const KINDS = ["added", "changed", "removed", "merged", "conflicts"] as const;
const SHOWN = 50;

/** What installing a pack would change, before anything is changed. */
export function PackPreview({ preview, onClose }: { preview: Preview; onClose(): void }) {
  const { t, word, language } = useWords();
  const { message } = App.useApp();
  const install = useInstallPack();
  const [name, setName] = useState(preview.name);
  const [unsigned, setUnsigned] = useState(false);
  const [ask, setAsk] = useState<ReasonAsked | null>(null);
  const { counts } = preview;
  const go = () =>
    setAsk({
      title: t("web.packs.install"),
      scope: <span className="muted">{t("web.packs.install_means")}</span>,
      onDone: (reason) =>
        void install.mutateAsync({ upload: preview.upload, name, allow_unsigned: unsigned, reason }).then(
          (done) => {
            message.success(t("web.packs.done", { name: done.pack.name, count: done.pack.rules }));
            onClose();
          },
          () => undefined,
        ),
    });
  return (
    <section className="panel" aria-label={t("web.packs.preview")}>
      <h2>{t("web.packs.preview")}</h2>
      <div className="padded stack">
        <div className="row wrap">
          <Input aria-label={t("web.packs.name")} addonBefore={t("web.packs.name")} style={{ width: 280 }} maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />
          <span>{t("web.packs.version_is", { version: preview.version || "—", before: preview.installed?.version || "—" })}</span>
          <span>{t("web.guide.licence", { name: preview.licence || "—" })}</span>
          <span>{t("web.guide.author", { name: preview.author || "—" })}</span>
          <span className={`mark ${preview.signed ? "good" : "warn"}`}>{t(preview.signed ? "web.packs.is_signed" : "web.packs.not_signed")}</span>
        </div>
        <div className="counts">
          {[...KINDS, "refused" as const, "unchanged" as const].map((kind) => (
            <div key={kind}>
              <strong style={{ color: kind === "conflicts" && counts[kind] > 0 ? "var(--warn)" : kind === "refused" && counts[kind] > 0 ? "var(--bad)" : undefined }}>{number(counts[kind], language)}</strong>
              <span className="muted">{word("web.pack_change", kind)}</span>
            </div>
          ))}
        </div>
        {preview.same && <div className="notice">{t("web.packs.same")}</div>}
        {counts.conflicts > 0 && <div className="notice warn">{t("web.packs.conflicts_mean")}</div>}
        {!preview.signed && (
          <Checkbox checked={unsigned} onChange={(event) => setUnsigned(event.target.checked)}>
            {t("web.packs.allow_unsigned")}
          </Checkbox>
        )}
        {install.error && <ProblemView error={install.error} />}
        <div className="row">
          <Button type="primary" loading={install.isPending} disabled={(!preview.signed && !unsigned) || !name.trim()} onClick={go}>
            {t("web.packs.install")}
          </Button>
          <Button onClick={onClose}>{t("web.packs.cancel")}</Button>
        </div>
        {KINDS.map((kind) => preview[kind].length > 0 && <Changes key={kind} title={word("web.pack_change", kind)} items={preview[kind]} total={counts[kind]} />)}
        {preview.refused.length > 0 && (
          <details>
            <summary>{t("web.refused.count", { count: counts.refused })}</summary>
            <RefusedTable rows={preview.refused} />
          </details>
        )}
      </div>
      <ReasonDialog ask={ask} onClose={() => setAsk(null)} />
    </section>
  );
}

function Changes({ title, items, total }: { title: string; items: readonly PackChange[]; total: number }) {
  const { t } = useWords();
  return (
    <details>
      <summary>{t("web.packs.some_of", { what: title, count: Math.min(items.length, SHOWN), total })}</summary>
      <div className="stack tight" style={{ padding: "4px 16px" }}>
        {items.slice(0, SHOWN).map((item) =>
          item.diff ? (
            <details key={item.path + item.rule}>
              <summary>
                {item.title} <span className="mono muted">{item.path}</span>
              </summary>
              <Difference unified={item.diff} />
            </details>
          ) : (
            <div key={item.path + item.rule}>
              {item.title} <span className="mono muted">{item.path}</span>
            </div>
          ),
        )}
      </div>
    </details>
  );
}
