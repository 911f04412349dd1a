import type { Bucket, CasePage } from "../../api/types";
import { Facet } from "../../components/Facets";
import { useRunName } from "../../components/RunMark";
import { SeverityMark } from "../../components/Severity";
import { useWords } from "../../i18n";
import { SEVERITIES } from "../../theme/severity";
import type { UrlWords } from "../../state/url";
import { list } from "./query";

interface Props {
  facets: CasePage["facets"];
  words: UrlWords;
  onChange(patch: UrlWords): void;
}

export function QueueFacets({ facets, words, onChange }: Props) {
  const { t, word } = useWords();
  const runName = useRunName();
  const choose = (name: string) => (keys: string[]) => onChange({ [name]: keys.join(","), offset: undefined });
  const worst = (buckets: Bucket[]) => SEVERITIES.flatMap((key) => buckets.filter((bucket) => bucket.key === key));
  return (
    <aside className="side" style={{ width: 148 }} aria-label={t("web.queue.facets")}>
      <Facet
        title={t("web.queue.severity_name")}
        buckets={worst(facets.severity ?? [])}
        chosen={list(words.severity)}
        onChoose={choose("severity")}
        label={(key) => (
          <>
            <SeverityMark of={key as (typeof SEVERITIES)[number]} />
            {word("web.severity", key)}
          </>
        )}
      />
      <Facet title={t("web.queue.status")} buckets={facets.status ?? []} chosen={list(words.status)} onChoose={choose("status")} label={(key) => word("web.status", key)} />
      <Facet title={t("web.queue.owner")} buckets={facets.owner ?? []} chosen={list(words.owner)} onChoose={(keys) => onChange({ owner: keys.at(-1) ?? "", offset: undefined })} label={(key) => (key === "none" ? t("web.queue.nobody") : key)} />
      {(facets.unit?.length ?? 0) > 0 && <Facet title={t("web.queue_mark.unit")} buckets={facets.unit ?? []} chosen={words.unit ? [words.unit] : []} onChoose={(keys) => onChange({ unit: keys.at(-1) ?? "", offset: undefined })} label={(key) => <span title={key}>{key}</span>} />}
      <Facet
        title={t("web.queue_mark.origin")}
        buckets={facets.origin ?? []}
        chosen={list(words.origin)}
        onChoose={(keys) => onChange({ origin: keys.at(-1) ?? "", offset: undefined })}
        label={(key) => t(key === "foreign" ? "web.queue_mark.foreign" : "web.queue_mark.own")}
      />
      <Facet title={t("web.queue.run")} buckets={facets.run ?? []} chosen={list(words.run)} onChoose={(keys) => onChange({ run: keys.at(-1) ?? "", offset: undefined })} label={(key) => <span title={key}>{runName(key).name}</span>} />
    </aside>
  );
}
