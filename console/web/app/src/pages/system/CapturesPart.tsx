import { InboxOutlined } from "@ant-design/icons";
import { Progress, Upload } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useReplays } from "../../api/shelves";
import { useCan } from "../../api/session";
import { sendCapture } from "../../api/upload";
import { DenseTable } from "../../components/DenseTable";
import { JobProgress } from "../../components/JobProgress";
import { Answered, Empty, ProblemView } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { bytes, number } from "../../i18n/format";

interface Sending {
  name: string;
  size: number;
  share: number;
  job?: string;
  error?: unknown;
}

/** Hand in a capture or log; it runs through the whole pipeline on its own clock. */
export function CapturesPart() {
  const { t } = useWords();
  const can = useCan();
  const client = useQueryClient();
  const [sending, setSending] = useState<Sending[]>([]);
  const update = (name: string, patch: Partial<Sending>) => setSending((before) => before.map((one) => (one.name === name ? { ...one, ...patch } : one)));
  const send = async (file: File) => {
    setSending((before) => [{ name: file.name, size: file.size, share: 0 }, ...before.filter((one) => one.name !== file.name)]);
    try {
      const job = await sendCapture(file, (share) => update(file.name, { share }));
      update(file.name, { share: 1, job: job.id });
      await client.invalidateQueries({ queryKey: ["jobs"] });
    } catch (error) {
      update(file.name, { error });
    }
  };
  return (
    <>
      {can("act") && (
        <Upload.Dragger multiple showUploadList={false} customRequest={({ file }) => void send(file as File)} style={{ background: "var(--panel)" }}>
          <p style={{ fontSize: 28, margin: 0, color: "var(--accent)" }}>
            <InboxOutlined />
          </p>
          <p style={{ margin: 0 }}>{t("web.captures.drop")}</p>
          <p className="muted" style={{ margin: 0 }}>
            {t("web.captures.kinds")}
          </p>
        </Upload.Dragger>
      )}
      {sending.map((one) => (
        <div key={one.name} className="panel padded stack tight">
          <div className="row">
            <strong className="clip">{one.name}</strong>
            <span className="muted">{bytes(one.size)}</span>
            <span className="grow" />
            <JobProgress id={one.job} />
          </div>
          {!one.job && !one.error && <Progress percent={Math.round(one.share * 100)} size="small" />}
          {one.error !== undefined && <ProblemView error={one.error} />}
        </div>
      ))}
      <Replays />
    </>
  );
}

function Replays() {
  const { t, word, language } = useWords();
  const answer = useReplays();
  return (
    <Answered of={answer}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title={t("web.captures.none")} />
        ) : (
          <section className="panel">
            <h2>{t("web.captures.replays")}</h2>
            <DenseTable
              label={t("web.captures.replays")}
              rows={items}
              rowKey={(replay) => replay.id}
              columns={[
                { key: "started", title: t("web.jobs.created"), width: 130, cell: (replay) => <When at={replay.started} /> },
                { key: "kind", title: t("web.jobs.kind"), width: 110, cell: (replay) => word("web.job_kind", replay.kind) },
                { key: "name", title: t("web.captures.name"), cell: (replay) => replay.name || replay.captures.join(", ") },
                {
                  key: "summary",
                  title: t("web.captures.summary"),
                  width: 380,
                  cell: (replay) => (
                    <span className="muted">
                      {Object.entries(readCounts(replay.summary))
                        .map(([name, count]) => `${word("web.summary", name)} ${number(count, language)}`)
                        .join(" · ")}
                    </span>
                  ),
                },
                { key: "incidents", title: "", width: 110, cell: (replay) => <Link to="/queue" search={{ run: replay.id, tab: "all" } as never}>{t("web.captures.incidents")}</Link> },
              ]}
            />
          </section>
        )
      }
    </Answered>
  );
}

interface Input {
  records?: number;
  events?: Record<string, number>;
  losses?: Record<string, number>;
}

const sum = (counts: Record<string, number> | undefined) => Object.values(counts ?? {}).reduce((all, count) => all + count, 0);

/** What a run read, made and lost, from its summary. */
function readCounts(summary: Record<string, unknown>): Record<string, number> {
  const inputs = (Array.isArray(summary.inputs) ? summary.inputs : []) as Input[];
  const total = (of: (input: Input) => number) => inputs.reduce((all, input) => all + of(input), 0);
  return { records: total((input) => input.records ?? 0), events: total((input) => sum(input.events)), lost: total((input) => sum(input.losses)) };
}
