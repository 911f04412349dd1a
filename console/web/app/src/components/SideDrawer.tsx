import { CloseOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useRef, type ReactNode } from "react";
import { useWords } from "../i18n";
import { useKeys } from "../keyboard/keys";
import { usePreference } from "../state/preferences";

/** Half the page on the right, over a list that keeps its place; its left edge is drawn or moved by arrows. */
export function SideDrawer({ title, actions, onClose, children, name }: { title: ReactNode; actions?: ReactNode; onClose(): void; children: ReactNode; name: string }) {
  const { t } = useWords();
  const [width, setWidth] = usePreference<string>(`drawer.${name}`, "50");
  const box = useRef<HTMLElement>(null);
  useKeys([{ keys: "Escape", label: "web.keys.close_drawer", run: onClose }]);
  const resize = (percent: number) => setWidth(String(Math.round(Math.min(85, Math.max(28, percent)))));
  const drag = (event: React.PointerEvent) => {
    const around = box.current?.parentElement?.getBoundingClientRect();
    if (event.buttons === 1 && around) resize(((around.right - event.clientX) / around.width) * 100);
  };
  return (
    <aside ref={box} className="drawer" style={{ width: `${width}%` }} aria-label={t("web.drawer.label")}>
      <div
        className="grip"
        role="separator"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={t("web.drawer.resize")}
        aria-valuenow={Number(width)}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") resize(Number(width) + 4);
          if (event.key === "ArrowRight") resize(Number(width) - 4);
        }}
      />
      <header>
        <div className="grow">{title}</div>
        {actions}
        <Button type="text" icon={<CloseOutlined />} aria-label={t("web.drawer.close")} onClick={onClose} />
      </header>
      <div className="content">{children}</div>
    </aside>
  );
}
