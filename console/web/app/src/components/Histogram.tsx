import { useCallback, useRef } from "react";
import type { Histogram as Counts } from "../api/types";
import { Chart, type ChartColours, type ChartHandle, tooltipLook } from "./Chart";
import { useWords } from "../i18n";
import { number, shortTime, span } from "../i18n/format";

interface Brushed {
  batch?: { areas?: { coordRange?: [number, number] }[] }[];
}

/** Events over time; drawing across it narrows the time range. */
export function Histogram({ counts, onRange }: { counts: Counts; onRange(since: string, until: string): void }) {
  const { t, language } = useWords();
  const latest = useRef({ counts, onRange });
  latest.current = { counts, onRange };
  const option = useCallback(
    (colours: ChartColours) => ({
      grid: { left: 52, right: 12, top: 8, bottom: 20 },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "shadow" },
        ...tooltipLook(colours),
        formatter: (points: { dataIndex: number }[]) => {
          const bucket = counts.buckets[points[0]?.dataIndex ?? 0];
          return bucket ? t("web.hunt.bucket", { at: shortTime(bucket.at, language), count: number(bucket.count, language) }) : "";
        },
      },
      xAxis: {
        type: "category",
        data: counts.buckets.map((bucket) => shortTime(bucket.at, language)),
        axisLine: { lineStyle: { color: colours.line } },
        axisTick: { show: false },
        axisLabel: { color: colours.muted, fontSize: 10, interval: Math.max(0, Math.floor(counts.buckets.length / 7)) },
      },
      yAxis: { type: "value", splitNumber: 2, minInterval: 1, axisLabel: { color: colours.muted, fontSize: 10 }, splitLine: { lineStyle: { color: colours.faint } } },
      brush: { xAxisIndex: 0, brushType: "lineX", brushMode: "single", transformable: false, throttleType: "debounce", throttleDelay: 300, brushStyle: { color: "rgba(63,169,196,0.2)", borderColor: colours.accent } },
      series: [{ type: "bar", barCategoryGap: "12%", itemStyle: { color: colours.accent }, data: counts.buckets.map((bucket) => bucket.count) }],
    }),
    [counts, language, t],
  );
  const ready = (chart: ChartHandle) => {
    const arm = () => chart.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption: { brushType: "lineX", brushMode: "single" } });
    chart.on("finished", arm);
    chart.on("brushEnd", (event) => {
      const area = (event as unknown as { areas?: { coordRange?: [number, number] }[] } & Brushed).areas?.[0]?.coordRange;
      if (!area) return;
      const { counts: now, onRange: narrow } = latest.current;
      const first = now.buckets[Math.max(0, area[0])];
      const last = now.buckets[Math.min(now.buckets.length - 1, area[1])];
      chart.dispatchAction({ type: "brush", areas: [] });
      if (first && last) narrow(first.at, new Date(Date.parse(last.at) + now.interval_seconds * 1000).toISOString());
    });
  };
  return <Chart height={92} label={t("web.hunt.histogram", { span: span(counts.interval_seconds, language) })} option={option} onReady={ready} />;
}
