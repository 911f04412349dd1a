import { useNavigate } from "@tanstack/react-router";
import { Segmented, Select } from "antd";
import { useMemo } from "react";
import { useRules } from "../../api/rules";
import type { Rules } from "../../api/types";
import { Answered } from "../../components/states";
import { useTitle } from "../../components/title";
import { useWords } from "../../i18n";
import { useUrl } from "../../state/url";
import { columns, countsOf, coverage, COVERS } from "./coverage";
import { CoverageMap } from "./CoverageMap";
import { CoverageTable } from "./CoverageTable";
import { COVER_SHAPE } from "./coverMark";
import { DetectionsHead } from "./DetectionsHead";
import "./coverage.css";
import "./detections.css";

/** What of ATT&CK is seen today, what would be seen if something fed it, and what nobody looks for. */
export function CoveragePage() {
  const { t, word } = useWords();
  const [url, change] = useUrl();
  const answer = useRules();
  useTitle(word("web.detections.part", "coverage"));
  return (
    <div className="page">
      <DetectionsHead part="coverage">
        <Segmented
          value={url.view === "table" ? "table" : "map"}
          onChange={(view) => change({ view: view === "map" ? "" : view, sort: "" })}
          options={[
            { value: "map", label: t("web.coverage.map") },
            { value: "table", label: t("web.coverage.table") },
          ]}
        />
      </DetectionsHead>
      <Answered of={answer}>{(rules) => <Coverage rules={rules} />}</Answered>
    </div>
  );
}

const PLATFORM = "platform";

function Coverage({ rules }: { rules: Rules }) {
  const { t, word } = useWords();
  const [url, change] = useUrl();
  const navigate = useNavigate();
  const { platform } = url;
  const pack = url.pack;
  const cells = useMemo(
    () => coverage(rules.items.filter((rule) => (!platform || (rule.platform || "none") === platform) && (!pack || (rule.pack || rule.origin) === pack))),
    [rules, platform, pack],
  );
  const counts = countsOf(cells);
  const only = COVERS.find((cover) => cover === url.only);
  const platforms = [...new Set(rules.items.map((rule) => rule.platform || "none"))].sort();
  const packs = [...new Set(rules.items.map((rule) => rule.pack || rule.origin))].sort();
  const open = (technique: string) => void navigate({ to: "/detections", search: { technique, ...(platform && platform !== "none" ? { platform } : {}), ...(pack ? { pack } : {}) } as never });
  return (
    <>
      <div className="bar" style={{ gap: 14 }}>
        {COVERS.map((cover) => (
          <button key={cover} type="button" className={`cover-tally ${cover}`} aria-pressed={only === cover} title={word("web.cover_why", cover)} onClick={() => change({ only: only === cover ? "" : cover })}>
            <span aria-hidden className="sign">
              {COVER_SHAPE[cover]}
            </span>
            <strong>{counts[cover]}</strong>
            <span>{word("web.cover", cover)}</span>
          </button>
        ))}
        <span className="grow" />
        <Select
          aria-label={t("web.rules.platform")}
          style={{ width: 150 }}
          value={platform ?? ""}
          onChange={(value) => change({ [PLATFORM]: value })}
          options={[{ value: "", label: t("web.coverage.any_platform") }, ...platforms.map((value) => ({ value, label: word("web.platform", value) }))]}
        />
        <Select aria-label={t("web.rules.pack")} style={{ width: 150 }} value={pack ?? ""} onChange={(value) => change({ pack: value })} options={[{ value: "", label: t("web.coverage.any_pack") }, ...packs.map((value) => ({ value, label: word("web.rule_origin", value) }))]} />
      </div>
      <div className="notice" style={{ background: "none" }}>
        <span>{t("web.coverage.told", { live: counts.live, all: cells.length, none: counts.none })}</span>
        <span className="muted">{t("web.coverage.keys")}</span>
      </div>
      <div className="sheet">
        {url.view === "table" ? <CoverageTable cells={only ? cells.filter((cell) => cell.cover === only) : cells} onOpen={open} /> : <CoverageMap columns={columns(cells, only)} onOpen={open} />}
      </div>
    </>
  );
}
