import { Button } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useGuidances } from "../../api/rules";
import { useCan } from "../../api/session";
import { useRuns } from "../../api/incidents";
import type { Case, Story } from "../../api/types";
import { useWords } from "../../i18n";
import { isAnswered } from "./answers";
import { CHECKED } from "./CheckFirst";
import { nextStep } from "./nextStep";

interface Props {
  item: Case;
  story: Story;
  onTake(): void;
  onClose(): void;
  onTab(tab: string): void;
}

const SENTENCE = {
  take: "web.next_step.take",
  close: "web.next_step.close",
  grown: "web.next_step.grown",
  closed: "web.next_step.closed",
  playbook: "web.next_step.playbook",
  check: "web.next_step.check",
  alike: "web.next_step.alike",
} as const;

/** One line under the head: what to press next, and the button for it. */
export function NextStep({ item, story, onTake, onClose, onTab }: Props) {
  const { t, say, word } = useWords();
  const navigate = useNavigate();
  const can = useCan();
  const runs = useRuns(item.id);
  const answers = useGuidances(story.kinds.slice(0, CHECKED).map((kind) => kind.alert));
  const unanswered = answers.filter((answer) => answer.data?.guidance?.check.some((check) => !isAnswered(item.history, say(check.question)))).length;
  const step = nextStep(item, story.alike, unanswered, (runs.data?.items.length ?? 0) > 0);
  if (!can("act") || answers.some((answer) => answer.isPending)) return null;
  const told = {
    verdict: word("web.verdict", (step.what === "alike" ? step.alike.verdict : item.verdict) ?? ""),
    count: step.what === "check" ? step.count : 0,
  };
  const go = {
    take: onTake,
    close: onClose,
    grown: () => onTab("alerts"),
    closed: () => onTab("history"),
    playbook: () => onTab("playbooks"),
    check: () => document.querySelector<HTMLElement>(".guide button, .guide a")?.focus(),
    alike: () => step.what === "alike" && void navigate({ to: "/incidents/$id", params: { id: step.alike.id } }),
  };
  return (
    <div className="notice" role="status">
      <span className="mark accent">{t("web.next_step.label")}</span>
      <span className="grow">{t(SENTENCE[step.what], told)}</span>
      <Button size="small" type="primary" ghost onClick={() => go[step.what]()}>
        {t("web.next_step.go")}
      </Button>
    </div>
  );
}
