"""What the event queries cost on a large store: CPU seconds of each, over events made here.

    python -m benchmarks.check_events [--events 1000000] [--days 200] [--store FOLDER]

Flows, logins and web records of 40 registered assets over so many days; all checks of telemetry are run
once, each timed alone. CPU is of this process, user and system.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detections.compliance.events.asking import event_queries, judge_query
from detections.compliance.events.ledger import Ledger
from detections.compliance.events.registers import parse_register, written
from fengsui.asset import Asset, Network
from fengsui.clock import DAY, HOUR, from_iso, to_iso
from fengsui.event import Event, make_event
from fengsui.store.embedded import EmbeddedEventStore
from fengsui.store.state import Plan, SourceSeen

NOW = from_iso("2026-11-21T08:00:00Z")
ASSETS = 40
BATCH = 20_000


@dataclass(frozen=True)
class Evidence:
    """As the checks take it."""

    events: Any
    plan: Plan
    sources: tuple[SourceSeen, ...]
    ledger: Ledger
    now: int = NOW
    run: str = ""
    others: frozenset[str] = frozenset()


def events(count: int, days: int) -> Iterator[list[Event]]:
    """Batches in the order of time."""
    kinds = ("flow", "ssh", "http", "radius")
    step = days * DAY // count
    batch: list[Event] = []
    for n in range(count):
        kind, asset = kinds[n % 4], n % ASSETS
        fields: dict[str, str | int] = {
            "observer.name": "sensor-1",
            "source.ip": f"198.51.100.{n % 250}" if n % 7 == 0 else f"10.1.1.{n % 250}",
            "destination.ip": f"10.1.0.{asset}",
            "destination.port": 443,
            "network.direction": "inbound" if n % 7 == 0 else "outbound",
        }
        if kind != "flow":
            fields |= {
                "host.name": f"web-{asset}",
                "user.name": f"u{n % 300}",
                "event.category": "authentication",
                "event.action": "login",
                "event.outcome": "failure" if n % 11 == 0 else "success",
            }
        at = NOW - days * DAY + n * step
        batch.append(make_event(id=f"{n:016x}", time=at, dataset=kind, fields=fields))
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def evidence(store: EmbeddedEventStore, count: int, days: int) -> Evidence:
    """The store with a register, an address plan and leavers."""
    plan = Plan(
        networks=(Network("10.1.0.0/16", "servers", "data"),),
        assets=tuple(
            Asset(f"web-{n}", f"web-{n}", (f"10.1.0.{n}",), kind="server") for n in range(ASSETS)
        ),
    )
    first = NOW - days * DAY
    sources = tuple(
        SourceSeen("sensor-1", kind, count // 4, first, NOW - HOUR)
        for kind in ("flow", "ssh", "http", "radius")
    )
    ended = to_iso(NOW - 20 * DAY)
    leavers = [
        {"account": f"gone{n}", "kind": "leaver", "end": ended, "removed": ended, "returned": ended}
        for n in range(20)
    ]
    made = parse_register(written("leavers", leavers), "leavers")
    return Evidence(store, plan, sources, Ledger({"leavers": made}, chain=True))


def main() -> int:
    """Fill, ask, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--store", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedEventStore(given.store or Path(folder), writable=True)
        began = time.process_time()
        for batch in events(given.events, given.days):
            store.append(batch)
        print(f"filled with {given.events} events in {time.process_time() - began:.1f} CPU-s")
        seen = evidence(store, given.events, given.days)
        rows: list[tuple[float, str, str]] = []
        began = time.process_time()
        for query in event_queries():
            before = time.process_time()
            verdict = judge_query(query, seen, []).verdict.value
            rows.append((time.process_time() - before, query.check.id, verdict))
        whole = time.process_time() - began
        store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("\n| Query | CPU-s | verdict |\n|---|---|---|")
    for seconds, name, verdict in sorted(rows, reverse=True):
        print(f"| {name} | {seconds:.2f} | {verdict} |")
    print(f"| **all {len(rows)}** | **{whole:.1f}** | peak memory {peak:.0f} MB |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
