"""What scheduled detections tell of their runs: one row of the state, as roles have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from fengsui.clock import SECOND, to_iso
from fengsui.store.state import State

ROLE: Final = "scheduled"
"""Under this name the runs report to the state, as roles do; the lock of whoever runs has it too."""
PLACE: Final = "place"  # of a report, to go on from; not shown
_FIRST: Final = ("status", "raised", "told", "behind_seconds", "late_events", "events", "seconds")


@dataclass(slots=True)
class Report:
    """A run, and what is lost over all of them. Times are ns; `since` and `until` of events.

    Attributes:
        events: that may concern the rules and were looked at.
        hits: of correlations; `told` are those that a worker's stream had raised already, `raised` alerts
            are new.
        late_events: of the range before, stored after it had been looked at.
        why_partial: `seconds` where the time for a run was over; the next one goes on.
        problem: what ended it, as a published error.
    """

    by: str
    began: int
    since: int
    until: int
    status: str = "running"
    rules: int = 0
    events: int = 0
    hits: int = 0
    told: int = 0
    raised: int = 0
    late_events: int = 0
    looked_until: int = 0
    seconds: float = 0.0
    why_partial: str = ""
    alerts: list[str] = field(default_factory=list[str])
    losses: dict[str, int] = field(default_factory=dict[str, int])
    problem: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The published form; what people ask first comes first."""
        times = {
            name: to_iso(getattr(self, name))
            for name in ("began", "since", "until", "looked_until")
        }
        found = {**asdict(self), **times}
        found["behind_seconds"] = round(max(0, self.until - self.looked_until) / SECOND, 3)
        return {**{name: found[name] for name in _FIRST}, **found}


def last_report(state: State) -> dict[str, Any]:
    """The last run as it was published; empty before the first. One that was killed is `ended`."""
    found = shown(state.health().get(ROLE, (0, {}))[1])
    if found.get("status") == "running" and (lock := state.leader(ROLE)).leads():
        lock.resign()
        found["status"] = "ended"
    return found


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """A report without what only the next run needs."""
    return {name: value for name, value in document.items() if name != PLACE}
