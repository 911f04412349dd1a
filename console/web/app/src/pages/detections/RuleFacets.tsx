import type { Bucket } from "../../api/types";
import { Facet } from "../../components/Facets";
import { SeverityMark } from "../../components/Severity";
import { useTactic, useWords, type Key } from "../../i18n";
import type { UrlWords } from "../../state/url";
import type { SEVERITIES } from "../../theme/severity";
import { FACETS, list } from "./ruleRows";

const TITLE: Record<string, Key> = {
  health: "web.rules.health",
  state: "web.rules.state",
  level: "web.queue.severity_name",
  tactic: "web.rules.tactic",
  platform: "web.rules.platform",
  kind: "web.rules.kind",
  pack: "web.rules.pack",
};

interface Props {
  counts: Record<string, Bucket[]>;
  refused: number;
  words: UrlWords;
  onChange(patch: UrlWords): void;
}

/** What the list can be narrowed by, with how many rules each choice would leave. */
export function RuleFacets({ counts, refused, words, onChange }: Props) {
  const { t, word } = useWords();
  const tactic = useTactic();
  const label = (name: string, key: string) => {
    switch (name) {
      case "health":
        return word("web.rule_health", key);
      case "state":
        return word("web.rule_state", key);
      case "kind":
        return word("web.detection_kind", key);
      case "tactic":
        return tactic(key);
      case "pack":
        return <span title={key}>{word("web.rule_origin", key)}</span>;
      case "level":
        return (
          <>
            <SeverityMark of={key as (typeof SEVERITIES)[number]} />
            {word("web.severity", key)}
          </>
        );
      default:
        return word("web.platform", key);
    }
  };
  const buckets = (name: string) => (name === "health" && (refused > 0 || words.health === "refused") ? [...(counts.health ?? []).filter((bucket) => bucket.key !== "refused"), { key: "refused", count: refused }] : (counts[name] ?? []));
  const choose = (name: string) => (keys: string[]) => {
    // Refused documents are another list: they stand alone.
    const before = list(words[name]);
    if (name !== "health") return onChange({ [name]: keys.join(",") });
    if (keys.includes("refused")) return onChange({ health: before.includes("refused") ? keys.filter((key) => key !== "refused").join(",") : "refused" });
    onChange({ health: keys.join(",") });
  };
  return (
    <aside className="side" style={{ width: 172 }} aria-label={t("web.queue.facets")}>
      {FACETS.map(({ name }) => (
        <Facet key={name} title={t(TITLE[name] ?? "web.rules.kind")} buckets={buckets(name)} chosen={list(words[name])} onChoose={choose(name)} label={(key) => label(name, key)} />
      ))}
    </aside>
  );
}
