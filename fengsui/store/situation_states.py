"""Situation in the state: how gauges stand and stood, traffic by hour, alerts by hour and host, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fengsui.alert import Alert
from fengsui.severity import Severity
from fengsui.store.event_store import TimeRange
from fengsui.warning import Colour, Warned, WarningDeed


@dataclass(frozen=True, slots=True)
class GaugeStand:
    """How a gauge of a scope stands: `level` since when (ns); both empty where it is unknown.

    The scope is a `kind` (`whole`, `unit`, `zone`, `plane`, `system`) with its id.
    """

    kind: str
    scope: str
    gauge: str
    value: float | None
    level: str | None
    since: int
    at: int


@dataclass(frozen=True, slots=True)
class GaugeDay:
    """A gauge on one day (UTC, days since the epoch): last value, range, last level, level changes."""

    kind: str
    scope: str
    gauge: str
    day: int
    value: float | None
    low: float | None
    high: float | None
    level: str | None
    changes: int


@dataclass(frozen=True, slots=True)
class TrafficHour:
    """Bytes and flows of an hour (start in ns) of the whole, a unit or a plane; of a run, "" is live."""

    kind: str
    name: str
    hour: int
    bytes: int
    flows: int


@dataclass(frozen=True, slots=True)
class HostAlerts:
    """How many alerts of a severity name a host."""

    host: str
    severity: Severity
    alerts: int


class SituationStates(Protocol):
    """What the situation keeps and asks."""

    def put_gauges(self, stands: Sequence[GaugeStand]) -> None:
        """Keep how gauges stand, and fold it into their day."""
        ...

    def gauges(self) -> list[GaugeStand]:
        """How all gauges stood when they were last read."""
        ...

    def gauge_days(self, kind: str, scope: str, since: int, until: int) -> list[GaugeDay]:
        """Days `since` to `until` (days since the epoch, both included) of a scope, oldest first."""
        ...

    def saw_traffic(self, run: str, rows: Sequence[TrafficHour]) -> None:
        """Add bytes and flows."""
        ...

    def traffic(self, run: str, kind: str, since: int, until: int) -> list[TrafficHour]:
        """Hours that begin within a time (ns, `until` not included), by name and time."""
        ...

    def alert_hours(self, run: str, since: int, until: int) -> dict[int, int]:
        """Alerts (folded) by the hour of their first event, ns."""
        ...

    def alert_hosts(self, run: str, since: int, until: int) -> list[HostAlerts]:
        """Alerts whose first event lies within a time, by the hosts that they name."""
        ...

    def lone_alerts(self, run: str, within: TimeRange, limit: int) -> list[Alert]:
        """Alerts that stand in no incident and last spoke within a time, the worst and newest first."""
        ...

    def put_warnings(self, proposed: Sequence[Warned]) -> list[Warned]:
        """Keep proposals that are new; what people decided stays. Returns the new ones.

        A worse proposal about the same incident overtakes one that nobody answered.
        """
        ...

    def warnings(self, run: str | None = None) -> list[Warned]:
        """The newest 500, the unanswered first; `run` None means any."""
        ...

    def decide_warning(
        self,
        id: str,  # noqa: A002
        deed: WarningDeed,
        *,
        by: str,
        reason: str,
        version: int,
        colour: Colour | None = None,
    ) -> Warned:
        """Confirm, dismiss or lift.

        Raises:
            NotFoundError: no such warning.
            InputError: without a reason, or the deed does not fit its status (code `bad_deed`).
            BusyError: somebody decided since `version` (code `version_conflict`).
        """
        ...

    def escalate_warnings(self, now: int) -> list[Warned]:
        """Mark proposals whose time is over; returns those that were marked now."""
        ...
