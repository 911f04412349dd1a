import { BarChart, GraphChart, LineChart, ScatterChart } from "echarts/charts";
import { BrushComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { COLOURS } from "../theme/colours";
import { useTheme } from "../theme";

echarts.use([BarChart, GraphChart, LineChart, ScatterChart, BrushComponent, GridComponent, MarkLineComponent, TooltipComponent, LabelLayout, CanvasRenderer]);

const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

export type ChartColours = (typeof COLOURS)["light"] | (typeof COLOURS)["dark"];
export type ChartHandle = echarts.ECharts;

/** How every chart's tooltip looks. */
export const tooltipLook = (colours: ChartColours) => ({ backgroundColor: colours.raised, borderColor: colours.line, textStyle: { color: colours.text, fontSize: 12 } });

interface Props {
  height: number | string;
  label: string;
  option(colours: ChartColours): echarts.EChartsCoreOption;
  /** Called once for each drawing surface, to listen to it. */
  onReady?(chart: ChartHandle): void;
}

/** One ECharts surface that follows its box and the theme. */
export function Chart({ height, label, option, onReady }: Props) {
  const { dark } = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ChartHandle | null>(null);
  const ready = useRef(onReady);
  ready.current = onReady;
  useEffect(() => {
    if (!box.current) return;
    const made = echarts.init(box.current);
    chart.current = made;
    ready.current?.(made);
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption({ animation: false, textStyle: { fontFamily: FONT }, ...option(COLOURS[dark ? "dark" : "light"]) });
  }, [option, dark]);
  return <div ref={box} role="img" aria-label={label} style={{ height, width: "100%" }} />;
}
