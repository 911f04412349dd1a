"""Forecasts of alert load over weeks of real alerts: what was told, what came, what was claimed.

    python benchmarks/situation_forecast.py [--bench ../shared/bench]

The alerts of five networks (AIT Alert Data Set) by the hour, whole days of one network after the other
as if they were one site: some weeks with weekday rhythm, sudden changes of level, and an attack in each
network. From the least history on, each six hours a forecast of the next day is made from what was
known then, and held against what came. `claimed` is the past error that the page shows beside it.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Final

import zstandard

from correlation.situation.forecast import forecast
from fengsui.clock import DAY, HOUR, SECOND

NETWORKS: Final = ("fox", "russellmitchell", "santos", "wardbeck", "wheeler")
EVERY: Final = 6  # hours between forecasts
CUT: Final = 2_000  # an hour, where bursts of scans are left out


@dataclass(frozen=True, slots=True)
class Told:
    """One hour: what was expected, the band, what came, and what came a day before."""

    expected: float
    low: float
    high: float
    came: float
    naive: float


def hours(path: Path) -> list[int]:
    """Alerts of each hour of the whole days that a network was watched."""
    with zstandard.open(path, "rb") as raw:
        rows = csv.DictReader(io.TextIOWrapper(raw, "utf-8"))
        counts = Counter(int(row["time"]) * SECOND // HOUR for row in rows)
    first = -(-min(counts) * HOUR // DAY) * DAY // HOUR
    last = max(counts) * HOUR // DAY * DAY // HOUR
    return [counts[hour] for hour in range(first, last)]


def compared(series: list[int]) -> Iterator[tuple[list[Told], float, float]]:
    """Of each forecast: its hours, and the error and the share inside that it claimed."""
    known = {number * HOUR: float(count) for number, count in enumerate(series)}
    for at in range(3 * 24, len(series) - 25, EVERY):
        past = {hour: count for hour, count in known.items() if hour < at * HOUR}
        made = forecast(past, at * HOUR)
        if made.backtest is None:
            continue
        told = [
            Told(
                hour.expected,
                hour.low,
                hour.high,
                known[hour.start],
                known[hour.start - DAY] if hour.start - DAY < at * HOUR else hour.expected,
            )
            for hour in made.hours
        ]
        yield told, made.backtest.error, made.backtest.inside


def row(name: str, series: list[int]) -> str:
    """A row of the table."""
    found = list(compared(series))
    told = [one for hours_, _, _ in found for one in hours_]
    errors = [abs(one.came - one.expected) for one in told]
    naive = [abs(one.came - one.naive) for one in told]
    inside = mean(one.low <= one.came <= one.high for one in told)
    return (
        f"| {name} | {len(series) / 24:.0f} | {len(found)} | {median(series):.0f} | {max(series):,} "
        f"| {median(errors):.1f} | {median(naive):.1f} | {mean(errors):.0f} | {mean(naive):.0f} "
        f"| {median(e for _, e, _ in found):.0f} | {inside:.2f} | {mean(i for _, _, i in found):.2f} |"
    )


def main() -> None:
    """Command line: see the module."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--bench", type=Path, default=Path("../shared/bench"))
    bench = options.parse_args().bench
    print(
        "| series | days | forecasts | alerts an hour, median | most | median error | a day before "
        "| mean error | a day before | claimed error | inside band | claimed inside |"
    )
    print("|---|" + "---:|" * 11)
    series = [
        count for name in NETWORKS for count in hours(bench / "alerts" / f"ait_{name}.csv.zst")
    ]
    print(row("all alerts", series))
    print(row(f"at most {CUT} an hour", [min(count, CUT) for count in series]))


if __name__ == "__main__":
    main()
