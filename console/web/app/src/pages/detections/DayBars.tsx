import { useCallback, useRef } from "react";
import { Chart, type ChartColours, type ChartHandle, tooltipLook } from "../../components/Chart";
import { useWords } from "../../i18n";
import { number } from "../../i18n/format";
import type { Day } from "./days";

interface Props {
  bars: readonly Day[];
  label: string;
  chosen?: string;
  onDay?(day: string): void;
}

/** Hits a day as bars; the same days as buttons for who uses the keyboard. */
export function DayBars({ bars, label, chosen, onDay }: Props) {
  const { t, language } = useWords();
  const latest = useRef({ bars, onDay });
  latest.current = { bars, onDay };
  const option = useCallback(
    (colours: ChartColours) => ({
      grid: { left: 48, right: 12, top: 22, bottom: 22 },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "shadow" },
        ...tooltipLook(colours),
        formatter: (points: { dataIndex: number }[]) => {
          const bar = bars[points[0]?.dataIndex ?? 0];
          return bar ? t("web.rule_hits.bar", { day: bar.day, count: number(bar.count, language) }) : "";
        },
      },
      xAxis: { type: "category", data: bars.map((bar) => bar.day), axisLine: { lineStyle: { color: colours.line } }, axisTick: { show: false }, axisLabel: { color: colours.muted, fontSize: 10, interval: Math.max(0, Math.ceil(bars.length / 9) - 1) } },
      yAxis: { type: "value", name: t("web.rule_hits.axis"), nameTextStyle: { color: colours.muted, fontSize: 10, align: "left" }, splitNumber: 3, minInterval: 1, axisLabel: { color: colours.muted, fontSize: 10 }, splitLine: { lineStyle: { color: colours.faint } } },
      series: [
        {
          type: "bar",
          barMaxWidth: 34,
          barCategoryGap: "16%",
          cursor: onDay ? "pointer" : "default",
          data: bars.map((bar) => ({ value: bar.count, itemStyle: { color: colours.accent, opacity: chosen && chosen !== bar.day ? 0.35 : 1 } })),
        },
      ],
    }),
    [bars, chosen, language, t, onDay === undefined],
  );
  const ready = (chart: ChartHandle) => {
    chart.getZr().on("click", (event) => {
      const place = chart.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]);
      const bar = latest.current.bars[Math.round(Number(place[0]))];
      if (bar && bar.count > 0) latest.current.onDay?.(bar.day);
    });
  };
  return (
    <>
      <Chart height={190} label={label} option={option} onReady={ready} />
      {onDay && (
        <div className="row wrap" style={{ padding: "0 12px 8px", gap: 6 }}>
          {bars
            .filter((bar) => bar.count > 0)
            .slice(-40)
            .map((bar) => (
              <button key={bar.day} type="button" className={`plain mark ${bar.day === chosen ? "accent" : ""}`} aria-pressed={bar.day === chosen} onClick={() => onDay(bar.day)}>
                {t("web.rule_hits.bar", { day: bar.day, count: number(bar.count, language) })}
              </button>
            ))}
        </div>
      )}
    </>
  );
}
