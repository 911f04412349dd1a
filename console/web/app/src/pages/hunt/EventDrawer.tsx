import { Link } from "@tanstack/react-router";
import { Segmented } from "antd";
import { useState } from "react";
import { useEvent } from "../../api/events";
import { SideDrawer } from "../../components/SideDrawer";
import { Answered } from "../../components/states";
import { When } from "../../components/When";
import { EventFields } from "../../components/EventFields";
import { useWords } from "../../i18n";
import { text } from "./summary";

/** One event whole: all fields with their menu, or as JSON; and the way to its flow. */
export function EventDrawer({ id, q, onClose }: { id: string; q?: string; onClose(): void }) {
  const { t } = useWords();
  const answer = useEvent(id, q);
  const [form, setForm] = useState("fields");
  const event = answer.data?.event;
  const title = event && (
    <div className="row wrap">
      <h2>{text(event["event.dataset"])}</h2>
      <When at={text(event["@timestamp"])} fine />
      {answer.data?.flow && (
        <Link to="/flows/$id" params={{ id: answer.data.flow }}>
          {t("web.hunt.to_flow")}
        </Link>
      )}
    </div>
  );
  return (
    <SideDrawer name="event" title={title} onClose={onClose}>
      <Answered of={answer}>
        {(found) => (
          <div className="stack">
            <Segmented style={{ alignSelf: "flex-start" }} value={form} onChange={setForm} options={[{ value: "fields", label: t("web.hunt.as_fields") }, { value: "json", label: t("web.hunt.as_json") }]} />
            {form === "fields" ? <EventFields event={found.event} flow={found.flow} marks={found.marks} /> : <pre className="mono" style={{ margin: 0, whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{JSON.stringify(found.event, null, 2)}</pre>}
          </div>
        )}
      </Answered>
    </SideDrawer>
  );
}
