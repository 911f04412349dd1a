import { App, Button } from "antd";
import { useState } from "react";
import { asProblem } from "../../api/problem";
import { useKeepSample } from "../../api/rules";
import { useCan } from "../../api/session";
import { ReasonDialog, type ReasonAsked } from "../../components/ReasonDialog";
import { useWords } from "../../i18n";

/** An event that was hit becomes a sample of the rule: one that it must, or must not, meet from now on. */
export function KeepSample({ rule, event }: { rule: string; event: Record<string, unknown> }) {
  const { t, word } = useWords();
  const { message } = App.useApp();
  const can = useCan();
  const keep = useKeepSample();
  const [ask, setAsk] = useState<ReasonAsked | null>(null);
  if (!can("act")) return null;
  const begin = (kind: "fire" | "quiet") =>
    setAsk({
      title: t("web.samples.keep", { kind: word("web.sample_kind", kind) }),
      scope: <span className="muted">{t("web.samples.keep_means")}</span>,
      onDone: (reason) =>
        void keep.mutateAsync({ rule, kind, event, reason }).then(
          () => message.success(t("web.samples.kept")),
          (error: unknown) => message.error([asProblem(error).message, asProblem(error).next].filter(Boolean).join(" "), 8),
        ),
    });
  return (
    <div className="row padded">
      <Button loading={keep.isPending} onClick={() => begin("fire")}>
        {t("web.samples.keep", { kind: word("web.sample_kind", "fire") })}
      </Button>
      <Button loading={keep.isPending} onClick={() => begin("quiet")}>
        {t("web.samples.keep", { kind: word("web.sample_kind", "quiet") })}
      </Button>
      <ReasonDialog ask={ask} onClose={() => setAsk(null)} />
    </div>
  );
}
