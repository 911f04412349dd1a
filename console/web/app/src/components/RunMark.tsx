import { Link } from "@tanstack/react-router";
import { useReplays } from "../api/shelves";
import { useWords } from "../i18n";

/** The name of a run and whether it is a drill; a replay that is gone keeps its id. */
export function useRunName(): (run: string) => { name: string; drill: boolean } {
  const { t } = useWords();
  const { data } = useReplays();
  return (run) => {
    if (run === "" || run === "live") return { name: t("web.queue.live"), drill: false };
    const found = data?.items.find((replay) => replay.id === run);
    return { name: found?.name || run, drill: found?.kind === "drill" };
  };
}

/** Says that something came from a drill or a replay and not from live traffic; a drill leads to its scorecard. */
export function RunMark({ run, link = false }: { run: string; link?: boolean }) {
  const { t } = useWords();
  const nameOf = useRunName();
  if (!run) return null;
  const { name, drill } = nameOf(run);
  const word = t(drill ? "web.queue.drill" : "web.queue.replay");
  if (!link) {
    return (
      <span className="mark" title={name}>
        {word}
      </span>
    );
  }
  const told = t("web.queue.run_named", { kind: word, name });
  return drill ? (
    <Link to="/drills/$id" params={{ id: run }} className="mark">
      {told}
    </Link>
  ) : (
    <span className="mark">{told}</span>
  );
}
