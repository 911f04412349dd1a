"""Totals of a coverage: what is live by log source, and which field would bring how many rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from detections.sigma.coverage import Covered


@dataclass(frozen=True, slots=True)
class LogsourceTotal:
    """Rules of one log source by state; `reason` is the most frequent one of those not live."""

    logsource: str
    live: int
    partial: int
    inert: int
    reason: str

    def as_json(self) -> dict[str, object]:
        """All fields by name."""
        return {
            "logsource": self.logsource,
            "live": self.live,
            "partial": self.partial,
            "inert": self.inert,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class MissingField:
    """A field that no dataset of its log source has.

    Attributes:
        rules: rules that ask for it and are not live.
        unlocks: those of them that lack nothing else.
    """

    field: str
    logsource: str
    rules: int
    unlocks: int

    def as_json(self) -> dict[str, object]:
        """All fields by name."""
        return {
            "field": self.field,
            "logsource": self.logsource,
            "rules": self.rules,
            "unlocks": self.unlocks,
        }


def states(rows: Sequence[Covered]) -> dict[str, int]:
    """Rules by state, all four named."""
    counted = Counter(row.state for row in rows)
    return {state: counted[state] for state in ("live", "partial", "inert", "refused")}


def by_logsource(rows: Sequence[Covered]) -> list[LogsourceTotal]:
    """One row a log source, that with most rules first; refused documents have none."""
    found: dict[str, list[Covered]] = {}
    for row in rows:
        if row.state != "refused":
            found.setdefault(row.logsource, []).append(row)
    totals = [_total(logsource, some) for logsource, some in found.items()]
    return sorted(totals, key=lambda one: (-(one.live + one.partial + one.inert), one.logsource))


def by_missing_field(rows: Sequence[Covered]) -> list[MissingField]:
    """One row a field that rules lack, that which would bring most rules first."""
    asked: Counter[tuple[str, str]] = Counter()
    alone: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for field in row.missing:
            asked[field, row.logsource] += 1
            if len(row.missing) == 1:
                alone[field, row.logsource] += 1
    found = [MissingField(*place, rules, alone[place]) for place, rules in asked.items()]
    return sorted(found, key=lambda one: (-one.unlocks, -one.rules, one.field, one.logsource))


def _total(logsource: str, rows: Sequence[Covered]) -> LogsourceTotal:
    counted = Counter(row.state for row in rows)
    reasons = Counter(row.reason for row in rows if row.reason)
    reason = reasons.most_common(1)[0][0] if reasons else ""
    return LogsourceTotal(logsource, counted["live"], counted["partial"], counted["inert"], reason)
