import { useCallback } from "react";
import type { Outlook } from "../../api/types";
import { Chart, tooltipLook, type ChartColours } from "../../components/Chart";
import { Empty } from "../../components/states";
import { When } from "../../components/When";
import { useWords } from "../../i18n";
import { number, shortTime } from "../../i18n/format";

/** What the next day will bring, each with how such forecasts did before. */
export function Forecasts({ items }: { items: Outlook[] }) {
  return (
    <div className="forecasts">
      {items.map((each) => (
        <Forecast key={each.unit + each.name} of={each} />
      ))}
    </div>
  );
}

function Forecast({ of }: { of: Outlook }) {
  const { t, word, language } = useWords();
  const title = of.unit === "alerts" ? t("web.forecast.alerts") : of.name ? t("web.forecast.link", { plane: word("web.plane", of.name) }) : t("web.forecast.link_all");
  const share = number(of.full_at * 100, language) + "%";
  return (
    <section className="panel">
      <h2>{title}</h2>
      <div className="padded stack tight">
        {of.hours.length === 0 ? (
          <Empty title={t("web.forecast.none", { have: number(of.have_days, language, 1), need: number(of.need_days, language) })} next={t("web.forecast.none_next")} />
        ) : (
          <>
            <Plot of={of} title={title} />
            <span className="muted">{t(of.yesterday ? "web.forecast.yesterday" : of.season_hours > 24 ? "web.forecast.season_week" : "web.forecast.season_day")}</span>
            {of.past && (
              <span>
                {t("web.forecast.past", {
                  hours: of.past.hours,
                  error: number(of.past.error, language, 2),
                  naive: number(of.past.naive_error, language, 2),
                  inside: number(of.past.inside * 100, language) + "%",
                })}
              </span>
            )}
            {of.tight && (
              <span className="mark bad">
                ▲ {t("web.forecast.tight", { at: shortTime(of.tight, language, false), share })}
                <When at={of.tight} coarse />
              </span>
            )}
          </>
        )}
        {of.unit === "mbit" && (
          <span className="muted">{of.capacity ? t("web.forecast.capacity", { capacity: number(of.capacity, language), limit: share }) : t("web.forecast.no_capacity")}</span>
        )}
      </div>
    </section>
  );
}

/** The past week as bars, the next day as a line in its band. */
function Plot({ of, title }: { of: Outlook; title: string }) {
  const { t, language } = useWords();
  const option = useCallback(
    (colours: ChartColours) => {
      const at = (iso: string) => Date.parse(iso);
      const limit = of.capacity ? of.capacity * of.full_at : null;
      return {
        grid: { left: 52, right: 12, top: 10, bottom: 22 },
        tooltip: { trigger: "axis", ...tooltipLook(colours), valueFormatter: (value: unknown) => (typeof value === "number" ? number(value, language, 2) : "—") },
        xAxis: {
          type: "time",
          axisLine: { lineStyle: { color: colours.line } },
          axisLabel: { color: colours.muted, fontSize: 10, hideOverlap: true, formatter: (value: number) => shortTime(new Date(value).toISOString(), language, false).slice(0, 5) },
        },
        yAxis: { type: "value", splitNumber: 3, axisLabel: { color: colours.muted, fontSize: 10 }, splitLine: { lineStyle: { color: colours.faint } } },
        series: [
          { name: t("web.forecast.seen"), type: "bar", itemStyle: { color: colours.muted }, data: of.history.map((each) => [at(each.start), each.amount]) },
          { name: "low", type: "line", stack: "band", symbol: "none", lineStyle: { opacity: 0 }, tooltip: { show: false }, data: of.hours.map((hour) => [at(hour.start), hour.low]) },
          {
            name: t("web.forecast.band"),
            type: "line",
            stack: "band",
            symbol: "none",
            lineStyle: { opacity: 0 },
            areaStyle: { color: colours.accent, opacity: 0.25 },
            data: of.hours.map((hour) => [at(hour.start), hour.high - hour.low]),
          },
          {
            name: t("web.forecast.expected"),
            type: "line",
            symbol: "none",
            lineStyle: { color: colours.accent, width: 2 },
            data: of.hours.map((hour) => [at(hour.start), hour.expected]),
            markLine: limit === null ? undefined : { silent: true, symbol: "none", lineStyle: { color: "#cf1322", type: "dashed" }, data: [{ yAxis: limit }] },
          },
        ],
      };
    },
    [of, language, t],
  );
  return <Chart height={180} label={`${title}: ${t("web.forecast.chart")}`} option={option} />;
}
