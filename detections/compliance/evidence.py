"""Evidence: what a check may ask, and the proof that its answer is what was found.

Live evidence never counts what a drill or replay brought (`fengsui.run`); when a run is named,
only that run is evidence.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import orjson

from detections.compliance.events.ledger import Ledger
from fengsui.clock import DAY
from fengsui.query.lucene import parse_lucene
from fengsui.query.tree import Query
from fengsui.store.event_store import EventStore, Terms, TimeRange
from fengsui.store.state import Plan, SourceSeen

Level = Literal["E0", "E1", "E2", "E4", "E5", "E6"]
_FRESH_DAYS: Mapping[Level, int] = {"E0": 30, "E1": 30, "E2": 30, "E4": 30, "E5": 365, "E6": 365}
MOST_TERMS = 10_000  # the most that a store gives

Row = dict[str, str | int | float | bool]


class Evidence(Protocol):
    """Handed in by the roof. `run`: "" for live telemetry, else the drill or replay to look at."""

    @property
    def events(self) -> EventStore:
        """Telemetry."""
        ...

    @property
    def plan(self) -> Plan:
        """What is registered."""
        ...

    @property
    def sources(self) -> Sequence[SourceSeen]:
        """Log sources of the evidence, with first and last event."""
        ...

    @property
    def now(self) -> int:
        """Clock of the evidence, ns."""
        ...

    @property
    def run(self) -> str:
        """The run, or ""."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Registers that were brought, alerts and cases."""
        ...

    @property
    def others(self) -> frozenset[str]:
        """Addresses that are registered, of assets that the plan leaves out."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """Evidence that telemetry cannot give: a read configuration, a probe, a test, a signed record.

    Attributes:
        unit: assessment unit it counts for.
        name: what it shows, such as `audit_setting`.
        level: E0–E6, which tells how long it stays fresh (30 days; tests and signed records a year).
        holds: whether it speaks for the requirement.
        time: ns; `by`: who; `digest`: SHA-256 of the document.
    """

    unit: str
    name: str
    level: Level
    holds: bool
    time: int
    by: str
    digest: str


def recorded(records: Sequence[Record], unit: str, name: str, now: int) -> bool | None:
    """What the newest fresh record of a name says; None when there is none."""
    fresh = [
        record
        for record in records
        if record.unit == unit
        and record.name == name
        and record.time <= now <= record.time + _FRESH_DAYS[record.level] * DAY
    ]
    return max(fresh, key=lambda record: record.time).holds if fresh else None


def missing_records(
    records: Sequence[Record], unit: str, names: Sequence[str], now: int
) -> tuple[str, ...]:
    """Those of some names of which no fresh record is."""
    return tuple(name for name in names if recorded(records, unit, name, now) is None)


def in_scope(evidence: Evidence, text: str) -> str:
    """A Lucene text within the evidence: without drills, or of the one run."""
    scope = f'fengsui.run:"{quoted(evidence.run)}"' if evidence.run else "NOT _exists_:fengsui.run"
    return f"({text}) AND {scope}" if text else scope


def quoted(value: str) -> str:
    """A value safe between the quotes of a Lucene text."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def query_of(text: str) -> Query:
    """The tree of a text of ours."""
    return parse_lucene(text)


def terms(evidence: Evidence, text: str, field: str, since: int) -> dict[str, int]:
    """How often each value of a field occurs in matching events since a time (ns)."""
    within = TimeRange(since, evidence.now + 1)
    buckets = evidence.events.aggregate(query_of(text), Terms(field, MOST_TERMS), within)
    return {str(bucket.key): bucket.count for bucket in buckets}


def cidrs(plan: Plan) -> list[str]:
    """Own networks of the address plan, without rows that are no network (VLANs)."""
    found: list[str] = []
    for network in plan.networks:
        try:
            found.append(str(ipaddress.ip_network(network.cidr, strict=False)))
        except ValueError:
            continue
    return found


def result_hash(rows: Sequence[Row]) -> str:
    """SHA-256 over the canonical JSON of rows: keys sorted, rows in the order given."""
    return hashlib.sha256(orjson.dumps(list(rows), option=orjson.OPT_SORT_KEYS)).hexdigest()
