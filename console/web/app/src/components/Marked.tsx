import type { EventMark } from "../api/types";

export type Marks = readonly EventMark[];

/** The marks of one value of a field. */
export const marksOf = (marks: Marks | undefined, field: string, index: number): Marks | undefined => marks?.filter((mark) => mark.field === field && mark.index === index);

/** Text with the runs that met the query marked; always as text, whatever it holds. */
export function Marked({ text, marks }: { text: string; marks: Marks | undefined }) {
  if (!marks || marks.length === 0) return text;
  let at = 0;
  const parts = marks.flatMap((mark) => {
    const start = Math.max(mark.start, at);
    if (mark.end <= start) return [];
    const before = text.slice(at, start);
    at = mark.end;
    return [before, <mark key={start}>{text.slice(start, mark.end)}</mark>];
  });
  return (
    <>
      {parts}
      {text.slice(at)}
    </>
  );
}
