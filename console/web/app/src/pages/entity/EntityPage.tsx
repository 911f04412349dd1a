import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useHistogram } from "../../api/events";
import { useEntity, useUnitName } from "../../api/shelves";
import type { Asset, EntityKind } from "../../api/types";
import { AlertItem } from "../../components/AlertItem";
import { Lost } from "../../components/Lost";
import { CaseList } from "../../components/CaseList";
import { Histogram } from "../../components/Histogram";
import { Answered } from "../../components/states";
import { useTitle } from "../../components/title";
import { Value } from "../../components/Value";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number, span } from "../../i18n/format";
import { isEntityKind, queryOfEntity } from "../../state/entities";

/** Who it is and whose, what it did, with whom, and what was said against it. */
export function EntityPage() {
  const { kind, value } = useParams({ strict: false }) as { kind: string; value: string };
  return isEntityKind(kind) ? <EntityView kind={kind} value={value} /> : <Lost />;
}

function EntityView({ kind, value }: { kind: EntityKind; value: string }) {
  const { t, word, language } = useWords();
  const answer = useEntity(kind, value);
  useTitle(value);
  const query = queryOfEntity(kind, value);
  return (
    <Answered of={answer}>
      {(entity) => (
        <div className="page scroll">
          <div className="row wrap">
            <h1 className="mono" style={{ fontSize: 17, overflowWrap: "anywhere" }}>
              {entity.value}
            </h1>
            <span className="mark">{word("web.entity_kind", entity.kind)}</span>
            <span className={`mark ${entity.internal ? "accent" : ""}`}>{t(entity.internal ? "web.entity.internal" : "web.entity.external")}</span>
            <span className="grow" />
            <Link to="/hunt" search={{ q: query, range: "all" } as never}>
              {t("web.entity.events", { count: number(entity.events, language) })}
            </Link>
          </div>
          <div className="split" style={{ gap: 12, flex: "none" }}>
            <section className="panel padded grow">
              <AssetFacts asset={entity.asset ?? null} first={entity.first} last={entity.last} />
              {entity.first && entity.last && <Activity query={query} first={entity.first} last={entity.last} />}
            </section>
            <section className="panel padded" style={{ width: 420 }}>
              <h3 style={{ marginBottom: 4 }}>{t("web.entity.peers")}</h3>
              {entity.peers.length === 0 && <span className="muted">{t("web.entity.no_peers")}</span>}
              {entity.peers.slice(0, 10).map((peer) => (
                <div key={peer.key} className="row">
                  <span className="grow clip">
                    <Value value={peer.key} kind="host" />
                  </span>
                  <Link to="/hunt" search={{ q: `(${query}) AND (${queryOfEntity("host", peer.key)})`, range: "all" } as never}>
                    {number(peer.count, language)}
                  </Link>
                </div>
              ))}
            </section>
          </div>
          <section className="panel">
            <h2>{t("web.entity.incidents", { count: entity.incidents.length })}</h2>
            <CaseList items={entity.incidents} />
          </section>
          <section className="stack">
            <h2>{t("web.incident.alerts", { count: entity.alerts.length })}</h2>
            {entity.alerts.map((alert) => (
              <AlertItem key={alert.id} alert={alert} />
            ))}
          </section>
        </div>
      )}
    </Answered>
  );
}

/** Its events over the time it was seen; drawing across it opens the hunt on that time. */
function Activity({ query, first, last }: { query: string; first: string; last: string }) {
  const { t, language } = useWords();
  const navigate = useNavigate();
  const until = new Date(Date.parse(last) + 1000).toISOString();
  const counts = useHistogram({ q: query, since: first, until }, 60).data;
  if (!counts || counts.buckets.length === 0) return null;
  return (
    <>
      <p className="muted" style={{ margin: "8px 0 0" }}>
        {t("web.hunt.histogram", { span: span(counts.interval_seconds, language) })}
      </p>
      <Histogram counts={counts} onRange={(since, before) => void navigate({ to: "/hunt", search: { q: query, since, until: before } as never })} />
    </>
  );
}

function AssetFacts({ asset, first, last }: { asset: Asset | null; first: string | null; last: string | null }) {
  const { t, word } = useWords();
  const unitName = useUnitName();
  return (
    <dl className="facts">
      {asset ? (
        <>
          <dt>{t("web.assets.asset")}</dt>
          <dd>{asset.name}</dd>
          <dt>{t("web.assets.unit")}</dt>
          <dd>{unitName(asset.unit) || "—"}</dd>
          <dt>{t("web.assets.responsible")}</dt>
          <dd>{asset.responsible || "—"}</dd>
          <dt>{t("web.assets.zone")}</dt>
          <dd>{[word("web.plane", asset.plane), asset.zone].filter(Boolean).join(" · ") || "—"}</dd>
          <dt>{t("web.assets.criticality")}</dt>
          <dd>{word("web.criticality", String(asset.criticality))}</dd>
        </>
      ) : (
        <>
          <dt>{t("web.assets.asset")}</dt>
          <dd className="muted">{t("web.entity.not_registered")}</dd>
        </>
      )}
      <dt>{t("web.queue.first")}</dt>
      <dd>
        <When at={first} />
      </dd>
      <dt>{t("web.queue.last")}</dt>
      <dd>
        <When at={last} />
      </dd>
    </dl>
  );
}
