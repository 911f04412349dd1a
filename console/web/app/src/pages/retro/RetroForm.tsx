import { Button, Input, Segmented } from "antd";
import { useState } from "react";
import { useEstimate, useStartRetro } from "../../api/retro";
import type { RetroEstimate, StartRetroHunt } from "../../api/types";
import { ProblemView } from "../../components/states";
import { TimePicker } from "../../components/TimePicker";
import { useWords } from "../../i18n";
import { number, span } from "../../i18n/format";
import { useRange } from "../../state/range";
import { useUrl } from "../../state/url";

const KINDS = ["all", "rules", "source", "query", "indicators"] as const;
type Kind = (typeof KINDS)[number];
const EMPTY: StartRetroHunt = { rules: [], source: "", query: "", indicators: "", since: "", until: "" };

/** What is looked for and over what time; its cost before it starts. */
export function RetroForm({ onStarted }: { onStarted(job: string): void }) {
  const { t, word } = useWords();
  const [url, change] = useUrl();
  const [asked, setAsked] = useState(0);
  const range = useRange({ range: "all", ...url }, asked);
  const [kind, setKind] = useState<Kind>(KINDS.find((one) => one === url.of) ?? "indicators");
  const [text, setText] = useState(url.what ?? "");
  const estimate = useEstimate();
  const start = useStartRetro();
  const body = (): StartRetroHunt => {
    const given = text.trim();
    const time = { since: range.since ?? "", until: range.until ?? "" };
    if (kind === "all") return { ...EMPTY, ...time, rules: ["all"] };
    if (kind === "rules") return { ...EMPTY, ...time, rules: given.split(/\s+/) };
    return { ...EMPTY, ...time, [kind]: text };
  };
  const choose = (next: Kind) => {
    setKind(next);
    estimate.reset();
    start.reset();
  };
  const run = async () => {
    setAsked(asked + 1);
    const hunt = await start.mutateAsync(body()).catch(() => null);
    if (hunt) onStarted(hunt.job.id);
  };
  const ready = range.ready && (kind === "all" || text.trim() !== "");
  return (
    <section className="panel">
      <h2>{t("web.retro.title")}</h2>
      <div className="padded stack">
        <div className="row wrap">
          <Segmented aria-label={t("web.retro.kind")} value={kind} onChange={(value) => choose(value as Kind)} options={KINDS.map((one) => ({ value: one, label: word("web.retro.by", one) }))} />
          <TimePicker range={range} onChange={(patch) => change({ ...patch })} />
          <span className="grow" />
          <Button disabled={!ready} loading={estimate.isPending} onClick={() => estimate.mutate(body())}>
            {t("web.retro.estimate")}
          </Button>
          <Button type="primary" disabled={!ready} loading={start.isPending} onClick={() => void run()}>
            {t("web.retro.start")}
          </Button>
        </div>
        {kind !== "all" && <Input.TextArea className="mono" aria-label={word("web.retro.by", kind)} placeholder={word("web.retro.hint", kind)} autoSize={{ minRows: kind === "source" ? 8 : 2, maxRows: 16 }} value={text} onChange={(event) => setText(event.target.value)} />}
        <span className="muted">{word("web.retro.explained", kind)}</span>
        {estimate.data && <Cost of={estimate.data} />}
        {(start.error ?? estimate.error) && <ProblemView error={start.error ?? estimate.error} />}
      </div>
    </section>
  );
}

function Cost({ of }: { of: RetroEstimate }) {
  const { t, language } = useWords();
  const values = { stored: number(of.stored, language), candidates: number(of.candidates, language), each: number(of.us_per_event, language, 0), sampled: number(of.sampled, language), time: span(of.seconds, language) };
  return (
    <div role="status" className="stack tight">
      <strong>{of.candidates < 0 ? t("web.retro.cost_unknown", { stored: values.stored, time: values.time }) : t("web.retro.cost", { stored: values.stored, candidates: values.candidates, time: values.time })}</strong>
      {of.sampled > 0 && <span className="muted">{t("web.retro.measured", { each: values.each, sampled: values.sampled })}</span>}
      <code className="muted" style={{ overflowWrap: "anywhere", maxHeight: 90, overflow: "auto" }}>
        {of.query}
      </code>
    </div>
  );
}
