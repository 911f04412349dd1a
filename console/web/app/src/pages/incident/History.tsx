import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import type { Act, Case } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { Empty } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { takenBack } from "./takenBack";

const SHORT = 8; // letters of an id by which people tell incidents apart
const CASES = ["apart", "from", "merged", "absorbed", "incident"] as const;

/** Who did what to this incident, newest last; nothing is ever overwritten. */
export function History({ item }: { item: Case }) {
  const { t, word } = useWords();
  if (item.history.length === 0) return <Empty title={t("web.history.none")} />;
  const back = takenBack(item.history);
  const columns: Column<Act>[] = [
    { key: "at", title: t("web.history.at"), width: 124, cell: (act) => <When at={act.at} /> },
    { key: "by", title: t("web.history.by"), width: 120, cell: (act) => act.by },
    {
      key: "kind",
      title: t("web.history.act"),
      width: 150,
      cell: (act) => (
        <span className="row">
          {word("web.act", act.kind)}
          {back.has(act) && <span className="mark">{t("web.history_told.undone")}</span>}
        </span>
      ),
    },
    { key: "values", title: t("web.history.detail"), cell: (act) => <Told of={act.values} /> },
  ];
  return <DenseTable loose label={t("web.history.label")} columns={columns} rows={item.history} rowKey={(act) => act.at + act.kind} />;
}

/** What was given with an act, in words; other incidents are links. */
function Told({ of }: { of: Act["values"] }) {
  const { t, word } = useWords();
  const parts: ReactNode[] = [];
  if (of.verdict) parts.push(t("web.history_told.verdict", { verdict: word("web.verdict", String(of.verdict)) }));
  if (of.owner) parts.push(t("web.history_told.owner", { name: String(of.owner) }));
  if (typeof of.alerts === "number") parts.push(t("web.history_told.alerts", { count: of.alerts }));
  for (const name of CASES) {
    for (const id of [of[name]].flat()) {
      if (typeof id !== "string" || !id) continue;
      parts.push(
        <Link to="/incidents/$id" params={{ id }} title={id}>
          {word("web.history_case", name)} <span className="mono">{id.slice(0, SHORT)}</span>
        </Link>,
      );
    }
  }
  for (const text of [of.reason, of.text]) if (text) parts.push(String(text));
  return parts.map((part, at) => (
    <Fragment key={at}>
      {at > 0 && " · "}
      {part}
    </Fragment>
  ));
}
