import type { CSSProperties, ReactNode } from "react";

/** Names and values in two columns; a row whose value is empty is left out. */
export function Facts({ rows, style }: { rows: readonly (readonly [string, ReactNode])[]; style?: CSSProperties }) {
  return (
    <dl className="facts" style={style}>
      {rows
        .filter(([, value]) => value)
        .map(([label, value]) => (
          <div key={label} style={{ display: "contents" }}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
