import { useEffect, useState, type RefObject } from "react";

/** Height of a row of the dense table; its cells say so in global.css. */
export const ROW = 32;
const BEYOND = 12;

export interface RowWindow {
  from: number;
  to: number;
  /** Heights that stand for the rows not drawn. */
  above: number;
  below: number;
}

/** The rows between `top` and `top + height` of a list, with a few beyond on each side. */
export function rowsInSight(count: number, top: number, height: number): RowWindow {
  const from = Math.max(0, Math.min(count, Math.floor(top / ROW) - BEYOND));
  const to = Math.min(count, Math.ceil((top + height) / ROW) + BEYOND);
  return { from, to, above: from * ROW, below: (count - to) * ROW };
}

/** Follows the scrolled box around a table's body, and brings the current row into sight. */
export function useRowWindow(body: RefObject<HTMLElement | null>, count: number, active: boolean, current: number): RowWindow {
  const [seen, setSeen] = useState({ top: 0, height: 1200 });
  useEffect(() => {
    const box = active ? body.current?.closest<HTMLElement>(".sheet") : null;
    if (!box) return;
    const look = () => setSeen({ top: box.scrollTop, height: box.clientHeight });
    const watch = new ResizeObserver(look);
    look();
    watch.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      watch.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, [active, body]);
  useEffect(() => {
    const box = active && current >= 0 ? body.current?.closest<HTMLElement>(".sheet") : null;
    if (!box) return;
    const head = box.querySelector("thead")?.clientHeight ?? 0;
    const top = current * ROW;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + ROW + head > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW + head - box.clientHeight;
  }, [active, body, current, count]);
  return active ? rowsInSight(count, seen.top, seen.height) : { from: 0, to: count, above: 0, below: 0 };
}
