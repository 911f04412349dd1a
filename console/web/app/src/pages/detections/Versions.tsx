import { App, Button, Radio } from "antd";
import { useState } from "react";
import { asProblem } from "../../api/problem";
import { useRevertRule, useVersionText } from "../../api/rules";
import { useCan } from "../../api/session";
import type { RulePage, RuleVersion } from "../../api/types";
import { Code, SideBySide } from "../../components/code/lazy";
import { DenseTable, type Column } from "../../components/DenseTable";
import { ReasonDialog, type ReasonAsked } from "../../components/ReasonDialog";
import { Answered, Empty } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";

/** The rule's versions and, last, upstream's text as it is now, which has the number 0. */
export function withUpstream(rule: Pick<RulePage, "versions" | "upstream" | "version">): RuleVersion[] {
  const { upstream, versions } = rule;
  if (!upstream || versions.some((row) => row.version === 0)) return [...versions];
  return [...versions, { version: 0, hash: upstream.hash, origin: "upstream", by: "", at: "", reason: upstream.version, current: !versions.some((row) => row.current) }];
}

/** Every text the rule ever had: who, when, why; two of them side by side; an older one made the newest. */
export function Versions({ rule }: { rule: RulePage }) {
  const { t, word } = useWords();
  const [url, change] = useUrl();
  const { message } = App.useApp();
  const can = useCan();
  const revert = useRevertRule();
  const [ask, setAsk] = useState<ReasonAsked | null>(null);
  const rows = withUpstream(rule);
  if (rows.length === 0) return <Empty title={t("web.versions.none")} next={t("web.versions.none_next")} />;
  const newer = rows.find((row) => String(row.version) === url.newer) ?? rows[0];
  const older = rows.find((row) => String(row.version) === url.older) ?? rows[1];
  const nameOf = (row: RuleVersion) => (row.version === 0 ? word("web.version_origin", "upstream") : String(row.version));
  const back = (row: RuleVersion) =>
    setAsk({
      title: t("web.versions.revert_to", { version: nameOf(row) }),
      scope: <span>{t("web.versions.revert_means")}</span>,
      onDone: (reason) =>
        void revert.mutateAsync({ rule: rule.id, to: row.version, reason, version: rule.version }).then(
          () => message.success(t("web.versions.reverted", { version: nameOf(row) })),
          (error: unknown) => message.error(asProblem(error).message, 8),
        ),
    });
  const pick = (name: "older" | "newer", row: RuleVersion, at: RuleVersion | undefined) => (
    <Radio checked={row.version === at?.version} aria-label={t(name === "older" ? "web.versions.left" : "web.versions.right", { version: nameOf(row) })} onChange={() => change({ [name]: String(row.version) }, true)} />
  );
  const columns: Column<RuleVersion>[] = [
    { key: "older", title: t("web.versions.older"), width: 44, cell: (row) => pick("older", row, older) },
    { key: "newer", title: t("web.versions.newer"), width: 44, cell: (row) => pick("newer", row, newer) },
    { key: "version", title: t("web.versions.version"), width: 64, right: true, cell: nameOf },
    { key: "at", title: t("web.history.at"), width: 128, cell: (row) => <When at={row.at} /> },
    { key: "by", title: t("web.history.by"), width: 120, cell: (row) => row.by },
    { key: "origin", title: t("web.versions.origin"), width: 110, cell: (row) => word("web.version_origin", row.origin) },
    { key: "reason", title: t("web.rule.reason"), cell: (row) => <span title={row.reason}>{row.reason}</span> },
    {
      key: "acts",
      title: "",
      width: 120,
      right: true,
      cell: (row) => (row.current ? <span className="mark good">{t("web.versions.current")}</span> : can("act") ? <Button onClick={() => back(row)}>{t("web.versions.revert")}</Button> : null),
    },
  ];
  return (
    <>
      <div style={{ maxHeight: 200, overflow: "auto", flex: "none", background: "var(--panel)" }}>
        <DenseTable label={t("web.versions.label")} columns={columns} rows={rows} rowKey={(row) => String(row.version)} minWidth={800} />
      </div>
      {newer && older && <Difference rule={rule.id} older={older} newer={newer} />}
      {!older && <Code value={rule.source} label={t("web.rule.source")} readOnly />}
      <ReasonDialog ask={ask} onClose={() => setAsk(null)} />
    </>
  );
}

function Difference({ rule, older, newer }: { rule: string; older: RuleVersion; newer: RuleVersion }) {
  const { t, word } = useWords();
  const named = (row: RuleVersion) => (row.version === 0 ? word("web.version_origin", "upstream") : t("web.versions.named", { version: row.version }));
  const left = useVersionText(rule, older.version);
  const right = useVersionText(rule, newer.version);
  return (
    <div className="page grow" style={{ borderTop: "1px solid var(--line)" }}>
      <Answered of={left}>
        {(old) => (
          <Answered of={right}>
            {(now) => <SideBySide left={{ title: named(older), text: old.source }} right={{ title: named(newer), text: now.source }} />}
          </Answered>
        )}
      </Answered>
    </div>
  );
}
