import { Link } from "@tanstack/react-router";
import type { GaugeItem } from "../../api/types";
import { SeverityMark } from "../../components/Severity";
import { Value } from "../../components/Value";
import { useWords } from "../../i18n";

/** An item of a gauge, with the page that it leads to. */
export function ItemTitle({ item }: { item: GaugeItem }) {
  const { say } = useWords();
  const title = say(item.title);
  const mark = item.severity ? <SeverityMark of={item.severity} /> : null;
  return (
    <span className="row" style={{ gap: 6 }}>
      {mark}
      <span className="grow item-title">
        <Target item={item} title={title} />
        {item.detail && <span className="muted">{say(item.detail)}</span>}
      </span>
    </span>
  );
}

function Target({ item, title }: { item: GaugeItem; title: string }) {
  const { word } = useWords();
  switch (item.kind) {
    case "incident":
      return (
        <Link to="/incidents/$id" params={{ id: item.id }}>
          {title}
        </Link>
      );
    case "asset":
      return (
        <Link to="/assets" search={{ text: item.id } as never}>
          {title}
        </Link>
      );
    case "control":
      return (
        <Link to="/compliance" search={{ unit: item.id.split("/")[0] } as never}>
          {title}
        </Link>
      );
    case "sensor":
    case "source":
      return (
        <Link to="/system/$part" params={{ part: "health" }}>
          {title}
        </Link>
      );
    case "plane":
      return (
        <Link to="/hunt" search={{ q: `cn.plane:"${item.id}"` } as never}>
          {word("web.plane", item.id)}
        </Link>
      );
    case "address":
      return <Value value={item.id} kind="host" shown={title === item.id ? undefined : `${title} ${item.id}`} />;
    case "warning":
      return (
        <Link to="." search={((words: object) => ({ ...words, view: "warnings", open: "" })) as never}>
          {title}
        </Link>
      );
    default:
      return <span>{title}</span>;
  }
}
