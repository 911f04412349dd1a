import { useNavigate, useRouterState } from "@tanstack/react-router";
import { App, Dropdown, type MenuProps } from "antd";
import { useEffect, useRef, useState } from "react";
import { useWords } from "../i18n";
import { isEntityKind, queryOfEntity } from "../state/entities";
import { clause, excluding, including, quote } from "../state/lucene";
import type { UrlWords } from "../state/url";

export interface Subject {
  value: string;
  field?: string;
  kind?: string;
  flow?: string;
}
interface Opened extends Subject {
  left: number;
  top: number;
}

let show: (opened: Opened) => void = () => undefined;

export function openValueMenu(subject: Subject, at: Element): void {
  const box = at.getBoundingClientRect();
  show({ ...subject, left: box.left, top: box.bottom });
}

function conditionOf(subject: Subject): string {
  if (subject.field) return clause(subject.field, subject.value);
  const query = queryOfEntity(subject.kind ?? "", subject.value);
  return query.includes(" OR ") ? `(${query})` : query;
}

/** The one menu of all values; the frame shows it once. */
export function ValueMenu() {
  const { t } = useWords();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const location = useRouterState({ select: (state) => state.location });
  const [opened, setOpened] = useState<Opened | null>(null);
  const before = useRef<HTMLElement | null>(null);
  useEffect(() => {
    show = (next) => {
      before.current = document.activeElement as HTMLElement | null;
      setOpened(next);
    };
    return () => {
      show = () => undefined;
    };
  }, []);
  if (!opened) return null;
  const hunting = location.pathname === "/hunt";
  const words = location.search as UrlWords;
  const query = hunting ? (words.q ?? "") : "";
  const condition = conditionOf(opened);
  const hunt = (q: string) => void navigate({ to: "/hunt", search: { ...(hunting ? words : {}), q, event: undefined } as never });
  const items: NonNullable<MenuProps["items"]> = [];
  if (hunting) {
    items.push({ key: "include", label: t("web.menu.include"), onClick: () => hunt(including(query, condition)) });
    items.push({ key: "exclude", label: t("web.menu.exclude"), onClick: () => hunt(excluding(query, condition)) });
  }
  items.push({ key: "only", label: t(hunting ? "web.menu.only" : "web.menu.hunt"), onClick: () => hunt(condition) });
  if (opened.field) items.push({ key: "any", label: t("web.menu.any"), onClick: () => hunt(quote(opened.value)) });
  items.push({ type: "divider" });
  const { kind, value, flow } = opened;
  if (isEntityKind(kind)) {
    items.push({ key: "entity", label: t("web.menu.entity"), onClick: () => void navigate({ to: "/entities/$kind/$value", params: { kind, value } }) });
  }
  if (kind === "rule") items.push({ key: "rule", label: t("web.menu.rule"), onClick: () => void navigate({ to: "/detections/rules/$id", params: { id: value } }) });
  items.push({ key: "queue", label: t("web.menu.queue"), onClick: () => void navigate({ to: "/queue", search: { text: value, tab: "all" } as never }) });
  if (flow) items.push({ key: "flow", label: t("web.menu.flow"), onClick: () => void navigate({ to: "/flows/$id", params: { id: flow } }) });
  items.push({
    key: "copy",
    label: t("web.menu.copy"),
    onClick: () => void navigator.clipboard.writeText(value).then(() => message.success(t("web.menu.copied"))),
  });
  const close = () => {
    setOpened(null);
    before.current?.focus();
  };
  return (
    <Dropdown open autoFocus trigger={["click"]} onOpenChange={(open) => !open && close()} menu={{ items, onClick: close }}>
      <span key={`${opened.left}:${opened.top}:${value}`} style={{ position: "fixed", left: opened.left, top: opened.top, width: 1, height: 1 }} />
    </Dropdown>
  );
}
