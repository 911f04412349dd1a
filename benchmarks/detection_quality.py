"""What the detections find, miss and wrongly report on the bench: prints a Markdown table.

    FENGSUI_BENCH=../shared/bench .venv/bin/python benchmarks/detection_quality.py [--anomalies] [WORD…]

Each capture or log goes through its own sensor, enrichment and a fresh set of all detectors
(`--anomalies`: without Sigma rules and indicators). WORDs choose cases whose name contains one.
Malware captures are numbered in order of name: thresholds were tuned on the odd ones (and on the
benign and office captures), the even ones are the test.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from detections.detections import Detections, build
from detections.detector import Context
from fengsui.alert import Alert
from fengsui.clock import HOUR, SECOND, from_iso
from fengsui.errors import FengsuiError
from fengsui.event import Event, split_lines
from fengsui.severity import Severity
from fengsui.store.state import Plan
from sensors.enrich.address_plan import AddressPlan
from sensors.enrich.enrich import enrich
from sensors.intake.opening import open_input

MAX_FLOWS = 262_144
BATCH = 1_000
# Rules of which at least one must speak, by the name of the case; elsewhere any of medium severity.
EXPECTED: dict[str, tuple[str, ...]] = {
    "dns/tunnel": ("anomaly.dns_tunnel",),
    "zeek/c2_beacon_72h": ("anomaly.beacon",),
    "zeek/port_scans": ("anomaly.scan",),
    "test12-icmp-portscan": ("anomaly.scan",),
    "malicious-ssh-bruteforce": ("anomaly.brute_force",),
}
# Whose alert it must be, where a case holds one known culprit among much else.
CULPRITS: dict[str, str] = {"zeek/c2_beacon_72h": "73.54.23.243|"}


@dataclass(slots=True)
class Case:
    """Inputs that belong together, read one after the other."""

    name: str
    kind: str  # benign, mixed, infection, c2, lateral, tunnel, scan
    paths: list[Path]
    split: str = ""


@dataclass(slots=True)
class Outcome:
    """What came out of a case."""

    events: int = 0
    first: int = 0
    last: int = 0
    seconds: float = 0.0
    alerts: dict[tuple[str, str], list[Alert]] = field(default_factory=dict)
    losses: dict[str, int] = field(default_factory=dict)
    error: str = ""

    def strong(self) -> list[list[Alert]]:
        """Alerts of medium severity and above, grouped by rule and key."""
        return [g for g in self.alerts.values() if max(a.severity for a in g) >= Severity.MEDIUM]


def cases(bench: Path) -> Iterator[Case]:
    """All cases of the bench, benign first."""
    for path in sorted(bench.glob("dns/benign_*")):
        yield Case(_name(path, bench), "benign", [path])
    yield Case("captures/office", "mixed", [bench / "captures/office.pcap.zst"])
    for path in sorted(bench.glob("dns/tunnel_*")):
        yield Case(_name(path, bench), "tunnel", [path])
    yield Case("zeek/c2_beacon_72h", "c2", sorted(bench.glob("zeek/c2_beacon_72h/*")))
    for path in sorted(bench.glob("zeek/port_scans/*")):
        yield Case(_name(path, bench), "scan", [path])
    for folder, kind in (("zeek/apt29_day1", "lateral"), ("eve", "c2")):
        yield Case(folder, kind, sorted((bench / folder).glob("*")))
    for folder, kind in (("c2", "c2"), ("lateral", "lateral")):
        for path in sorted(bench.glob(f"attacks/{folder}/*")):
            yield Case(_name(path, bench), kind, [path])
    for number, path in enumerate(sorted(bench.glob("attacks/malware/*")), 1):
        yield Case(_name(path, bench), "infection", [path], "tuning" if number % 2 else "test")


def _name(path: Path, bench: Path) -> str:
    return str(path.relative_to(bench)).split(".pcap")[0].split(".conn.log")[0]


def replay(case: Case, detections: Detections, plan: AddressPlan) -> Outcome:
    """Read a case; every batch is enriched and shown to the detections on the case's clock."""
    outcome = Outcome()
    started = time.perf_counter()
    now = 0
    for clock, events in _batches(case, outcome):
        now = max(now, clock)
        outcome.events += len(events)
        _keep(outcome, detections.observe([enrich(event, plan) for event in events], now))
    _keep(outcome, detections.advance(now + HOUR))
    outcome.seconds = time.perf_counter() - started
    outcome.losses = detections.losses.as_json()
    return outcome


def _batches(case: Case, outcome: Outcome) -> Iterator[tuple[int, list[Event]]]:
    """(clock, events). Several logs of one sensor are merged by time, as they were written."""
    if len(case.paths) == 1:
        yield from _read(case.paths[0], outcome)
        return
    events = [event for path in case.paths for _, batch in _read(path, outcome) for event in batch]
    events.sort(key=_written)
    for start in range(0, len(events), BATCH):
        batch = events[start : start + BATCH]
        yield _written(batch[-1]), batch


def _read(path: Path, outcome: Outcome) -> Iterator[tuple[int, list[Event]]]:
    source = open_input(str(path), sensor="bench", max_flows=MAX_FLOWS)
    try:
        for batch in source:
            yield batch.clock, split_lines(batch.lines)
    except FengsuiError as error:
        outcome.error = error.what
    summary = source.summary
    outcome.first = min(outcome.first or summary.first, summary.first)
    outcome.last = max(outcome.last, summary.last)


def _written(event: Event) -> int:
    """When a sensor wrote the event, ns: flows when they ended."""
    end = event.get("event.end")
    return from_iso(end) if isinstance(end, str) else event.time


def _keep(outcome: Outcome, alerts: Iterable[Alert]) -> None:
    for alert in alerts:
        outcome.alerts.setdefault((alert.rule, alert.key), []).append(alert)


def verdict(case: Case, outcome: Outcome) -> tuple[str, str]:
    """(found | missed | false n | quiet, what and when)."""
    strong = outcome.strong()
    if case.kind in {"benign", "mixed"}:
        return (f"{len(strong)} raised" if strong else "quiet"), ""
    wanted = next((rules for word, rules in EXPECTED.items() if word in case.name), None)
    culprit = CULPRITS.get(case.name, "")
    hits = [
        g
        for g in strong
        if (wanted is None or g[0].rule in wanted) and g[0].key.startswith(culprit)
    ]
    if not hits:
        return "**missed**", ""
    first = min((g[0] for g in hits), key=lambda alert: alert.last)
    if first.rule == "anomaly.dns_tunnel":
        return "found", f"{len(first.events)} queries"
    return "found", f"{max(first.last - outcome.first, 0) / SECOND:.0f} s"


def row(case: Case, outcome: Outcome, shown: dict[str, str]) -> str:
    """One line of the table."""
    rules = Counter[str]()
    for (rule, _), group in outcome.alerts.items():
        low = max(alert.severity for alert in group) < Severity.MEDIUM
        rules[shown.get(rule, rule) + (" (low)" if low else "")] += 1
    words = ", ".join(f"{name} {count}" for name, count in sorted(rules.items())) or "–"
    what, when = verdict(case, outcome)
    name = case.name + (f" ⚠ {outcome.error}" if outcome.error else "")
    cells = (name, case.kind, case.split, str(outcome.events), words, what, when)
    return "| " + " | ".join(cells) + f" | {outcome.seconds:.1f} |"


def totals(done: list[tuple[Case, Outcome]]) -> Iterator[str]:
    """Shares found by kind, infections with and without rules that know names, false per hour."""
    for kind in ("infection", "c2", "lateral", "tunnel", "scan"):
        for split in ("", "tuning", "test"):
            mine = [(c, o) for c, o in done if c.kind == kind and split in {"", c.split}]
            if not mine or (split and not any(c.split for c, _ in mine)):
                continue
            found = sum(verdict(c, o)[0] == "found" for c, o in mine)
            plain = sum(any(g[0].kind == "anomaly" for g in o.strong()) for _, o in mine)
            label = f"{kind} {split}".strip()
            yield (
                f"- {label}: {found} of {len(mine)} ({found / len(mine):.0%}); "
                f"by anomalies alone {plain} ({plain / len(mine):.0%})"
            )
    for kind in ("benign", "mixed"):
        mine = [o for c, o in done if c.kind == kind]
        hours = sum(max(o.last - o.first, 0) for o in mine) / HOUR
        raised = sum(len(o.strong()) for o in mine)
        low = sum(len(o.alerts) for o in mine) - raised
        if mine:
            yield (
                f"- {kind}: {raised} alerts of medium severity and above, {low} lower, "
                f"in {hours:.1f} h ({raised / max(hours, 0.01):.2f} an hour)"
            )


def main() -> None:
    """Command line: see the module."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--anomalies", action="store_true", help="without Sigma and indicators")
    options.add_argument("--why", action="store_true", help="print each alert's sentence")
    options.add_argument("words", nargs="*", help="cases whose name contains one of these")
    chosen = options.parse_args()
    bench = Path(os.environ.get("FENGSUI_BENCH", "../shared/bench"))
    if not bench.is_dir():
        sys.exit(f"There is no bench at {bench}\n  next:  set FENGSUI_BENCH to its folder")
    plan = AddressPlan(Plan())
    context = Context(is_internal=lambda address: plan.at(address).internal)
    done: list[tuple[Case, Outcome]] = []
    print("| case | kind | split | events | alerts (distinct) | outcome | first after | s |")
    print("|---|---|---|---:|---|---|---:|---:|")
    for case in cases(bench):
        if chosen.words and not any(word in case.name for word in chosen.words):
            continue
        detections = build(context)
        shown = {rule.id: rule.title.render("en") for rule in detections.rules}
        shown |= {rule.id: rule.id for rule in detections.rules if rule.kind == "anomaly"}
        if chosen.anomalies:
            detections = anomalies_only(context)
        outcome = replay(case, detections, plan)
        done.append((case, outcome))
        print(row(case, outcome, shown), flush=True)
        if chosen.why:
            for group in outcome.alerts.values():
                alert = group[0]
                print(f"    {alert.severity.word} ×{len(group)} {alert.reason.render('en')}")
    print()
    print("\n".join(totals(done)))


def anomalies_only(context: Context) -> Detections:
    """The shelf of anomalies without the rest."""
    from detections import anomalies  # noqa: PLC0415 - only here
    from fengsui.registry import parts  # noqa: PLC0415

    return Detections([module.make(context) for module in parts(anomalies)])


if __name__ == "__main__":
    main()
