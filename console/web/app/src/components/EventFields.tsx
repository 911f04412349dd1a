import type { EventRecord } from "../api/types";
import { marksOf, type Marks } from "./Marked";
import { Value } from "./Value";

/** Field and value of an event, in the order of their names. */
export function EventFields({ event, flow, without = [], marks }: { event: EventRecord; flow?: string | null; without?: string[]; marks?: Marks }) {
  const names = Object.keys(event)
    .filter((name) => !without.includes(name) && event[name] !== null && event[name] !== "")
    .sort();
  return (
    <dl className="facts" style={{ fontSize: 12 }}>
      {names.map((name) => {
        const value = event[name];
        const values = Array.isArray(value) ? value : [value];
        return (
          <div key={name} style={{ display: "contents" }}>
            <dt className="mono">{name}</dt>
            <dd>
              {values.map((one, index) => (
                <div key={index}>
                  <Value whole value={typeof one === "object" ? JSON.stringify(one) : String(one)} field={name} flow={flow ?? undefined} marks={marksOf(marks, name, index)} />
                </div>
              ))}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
