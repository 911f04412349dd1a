"""The threat gauge over five networks with one attack each: whether it flaps, and rises in time.

    python benchmarks/situation_levels.py [--bench ../shared/bench]

The alerts (AIT Alert Data Set) run through the correlation of foreign alerts as they came; each
five minutes the gauge is read from the incidents as they stood then, and its level follows with
hysteresis. Nobody closes an incident here. `most a day`: level changes within any 24 hours;
`rises`: first time at strained or above, against the first alert of the attack and its privilege
escalation; `before`: hours at strained or above before the attack's first alert (false).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from correlation_surprise import NETWORKS, Network

from correlation.foreign import points_of
from correlation.situation.facts import Facts, IncidentFact
from correlation.situation.gauges import threat
from correlation.situation.levels import LEVELS, changes
from correlation.surprise.kinds import Kind
from correlation.surprise.stream import AlertStream, Step, StreamedAlert
from fengsui.clock import DAY, HOUR, MINUTE, SECOND
from fengsui.severity import Severity
from fengsui.text import literal

STRAINED = LEVELS.index("strained")
EVERY = 5 * MINUTE  # as the worker reads it


def series(network: Network) -> list[tuple[int, float]]:
    """(time in ns, threat)."""
    stream = AlertStream()
    rows = sorted(network.rows, key=lambda row: row.time)
    open_: dict[str, IncidentFact] = {}
    found: list[tuple[int, float]] = []
    at = rows[0].time * SECOND // EVERY * EVERY + EVERY

    def read(step: Step, now: int) -> None:
        for each in step.changed:
            for gone in each.merged:
                open_.pop(gone, None)
            told = each.incident
            points = points_of(told.score)
            severity = max(Severity.of_score(points), told.severity)
            title = literal(told.id, told.id)
            last = told.last * SECOND
            open_[told.id] = IncidentFact(told.id, title, points, severity, last, last)
        found.append((now, threat(Facts(now, now, incidents=tuple(open_.values()))).seen))

    for number, row in enumerate(rows):
        while row.time * SECOND >= at:
            read(stream.advance(at), at)
            at += EVERY
        tool = row.title.partition(":")[0].lower()
        kind = Kind(tool, row.kind, row.title, None, ())
        stream.add(StreamedAlert(str(number), row.time * SECOND, row.address, row.host, kind))
    read(stream.flush(), at)
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bench", type=Path, default=Path("../shared/bench"))
    bench = arguments.parse_args().bench
    print(
        "| network | hours | level changes | most a day | before | rises after | before escalation |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in NETWORKS:
        network = Network(bench / "alerts" / f"ait_{name}.csv.zst")
        values = series(network)
        levels = changes("threat", values)
        moved = [each.since for each in levels[1:]]
        most = max((sum(at <= other < at + DAY for other in moved) for at in moved), default=0)
        high = [each.since for each in levels if each.rank >= STRAINED]
        began, escalated = network.began * SECOND, network.escalated * SECOND
        false = sum(at < began and value >= 50 for at, value in values) * EVERY / HOUR
        risen = next((at for at in high if at >= began), 0)
        after = f"{(risen - began) / HOUR:.1f} h" if risen else "never"
        lead = f"{(escalated - risen) / HOUR:.1f} h" if risen else "-"
        print(
            f"| {name} | {len(values) * EVERY / HOUR:.0f} | {len(moved)} | {most} | {false:.1f} |"
            f" {after} | {lead} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
