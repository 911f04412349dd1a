import { useRef, useState } from "react";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import type { Covered, TacticColumn } from "./coverage";
import { COVER_SHAPE } from "./coverMark";

const STEPS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Tactics from left to right, techniques beneath: colour and shape by what covers them, with hits. One cell is in the tab order; arrows move on. */
export function CoverageMap({ columns, onOpen }: { columns: readonly TacticColumn[]; onOpen(technique: string): void }) {
  const { t, language } = useWords();
  const grid = useRef<HTMLDivElement>(null);
  const first = columns.findIndex((column) => column.cells.length > 0);
  const [place, setPlace] = useState<[number, number]>([-1, -1]);
  const [x, y] = place[0] >= 0 && columns[place[0]]?.cells[place[1]] ? place : [first, 0];
  const move = (event: React.KeyboardEvent) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    let column = x + step[0];
    while (columns[column]?.cells.length === 0) column += step[0];
    const cells = columns[column]?.cells;
    if (!cells) return;
    const row = Math.max(0, Math.min(cells.length - 1, y + step[1]));
    setPlace([column, row]);
    grid.current?.querySelector<HTMLElement>(`[data-at="${column}.${row}"]`)?.focus();
  };
  return (
    <div ref={grid} className="attack" role="group" aria-label={t("web.coverage.map")} onKeyDown={move}>
      {columns.map((column, at) => (
        <section key={column.key} aria-label={column[language]}>
          <header title={`${column.id} ${column[language]}`}>
            <span>{column[language]}</span>
            <span className="muted">{`${column.live}/${column.total}`}</span>
          </header>
          {column.cells.map((cell, row) => (
            <Cell key={cell.id} cell={cell} at={`${at}.${row}`} inTabOrder={at === x && row === y} onFocus={() => setPlace([at, row])} onOpen={() => onOpen(cell.id)} />
          ))}
        </section>
      ))}
    </div>
  );
}

function Cell({ cell, at, inTabOrder, onFocus, onOpen }: { cell: Covered; at: string; inTabOrder: boolean; onFocus(): void; onOpen(): void }) {
  const { t, word, language } = useWords();
  const name = cell[language] || cell.id;
  const label = t("web.coverage.cell", { id: cell.id, name, cover: word("web.cover", cell.cover), live: cell.live, partial: cell.partial, inert: cell.inert, off: cell.off, hits: number(cell.hits, language) });
  return (
    <button type="button" data-at={at} className={`technique ${cell.cover} ${cell.hits > 0 ? "hit" : ""}`} tabIndex={inTabOrder ? 0 : -1} title={label} aria-label={label} onFocus={onFocus} onClick={onOpen}>
      <span className="line">
        <span aria-hidden className="sign">
          {COVER_SHAPE[cell.cover]}
        </span>
        <span className="mono">{cell.id}</span>
        {cell.rules > 0 && <span className="rules">{cell.rules}</span>}
      </span>
      <span className="name">{name}</span>
    </button>
  );
}
