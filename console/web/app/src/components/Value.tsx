import { visible } from "../i18n/format";
import { kindOfField } from "../state/entities";
import { Marked, type Marks } from "./Marked";
import { openValueMenu } from "./ValueMenu";

interface Props {
  value: string;
  /** ECS field that holds it, when it came from an event. */
  field?: string;
  /** Kind of entity; found from the field when not given. */
  kind?: string;
  /** Session id of the flow it belongs to. */
  flow?: string;
  shown?: string;
  unit?: string;
  whole?: boolean;
  marks?: Marks;
}

/** Any value: the same menu on click, right click or Enter. */
export function Value({ value, field, kind, flow, shown, unit, whole, marks }: Props) {
  const subject = { value, field, kind: kind ?? (field ? kindOfField(field) : undefined), flow };
  return (
    <button
      type="button"
      className={`value ${whole ? "whole" : ""}`}
      aria-haspopup="menu"
      title={visible(value)}
      onClick={(event) => {
        event.stopPropagation();
        openValueMenu(subject, event.currentTarget);
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        event.stopPropagation();
        openValueMenu(subject, event.currentTarget);
      }}
    >
      {shown ? visible(shown) : marks ? <Marked text={value} marks={marks} /> : visible(value)}
      {unit && <span className="unit">{` ${unit}`}</span>}
    </button>
  );
}
