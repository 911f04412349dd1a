"""Correlator: alerts in, incidents out, with an account of what changed.

    fold the same → resolve entities → join → score → raise

Everything is a function of the set of alerts of a run: the order of arrival changes nothing. Runs
(live telemetry, replays, drills) never mix. Memory is bounded: groups that nothing can join any
more are let go first, oldest first, and counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Final

from correlation.clusters import Link
from correlation.entities import CorrelationContext
from correlation.groups import Changes, Groups
from fengsui.alert import Alert
from fengsui.clock import HOUR
from fengsui.incident import Decision, Incident
from fengsui.loss import Losses

ALERTS_KEPT: Final = 50_000  # folded alerts of one run
RUNS_KEPT: Final = 16


class Correlator:
    """Joins alerts into incidents.

    Args:
        context: what the roof knows about addresses.
        raise_at: score from which a group is shown as an incident, 0–100.
        window_hours: alerts further apart are not joined by time.
        alerts_kept: bound on the folded alerts kept of one run.
    """

    def __init__(
        self,
        context: CorrelationContext,
        raise_at: float,
        window_hours: float,
        *,
        alerts_kept: int = ALERTS_KEPT,
    ) -> None:
        self._context = context
        self._raise_at = raise_at
        self._window = int(window_hours * HOUR)
        self._alerts_kept = alerts_kept
        self._runs: dict[str, Groups] = {}
        self.losses = Losses()

    def add(self, alerts: Sequence[Alert], now: int) -> Changes:
        """Take alerts in and say what changed. `now` (ns) is the clock of the run."""
        changes: list[Changes] = []
        by_run = sorted(alerts, key=lambda alert: alert.run)
        for run, group in groupby(by_run, key=lambda alert: alert.run):
            changes.append(self._run(run).add(list(group), now))
        return _together(changes)

    def take_up(self, run: str, alerts: Sequence[Alert], now: int) -> Changes:
        """Go on with a run from its folded alerts as they were kept."""
        return self._run(run).take_up(alerts, now)

    def decide(self, run: str, decisions: Sequence[Decision]) -> Changes:
        """Obey what analysts decided about a run: all of it, also what was taken back since."""
        return self._run(run).decide(decisions)

    def reweigh(self, rules: Collection[str]) -> Changes:
        """Score again what these rules found: how far they are trusted has changed."""
        return _together([run.reweigh(rules) for run in self._runs.values()])

    def known_since(self, run: str, began: int) -> None:
        """Tell since when (ns) the site of a run is known; without it, nothing is called learning."""
        self._run(run).began = began

    def incidents_of(self, run: str, alerts: Iterable[str]) -> list[Incident]:
        """The incidents of a run that these alerts stand in now, weak ones too, the oldest first."""
        return self._run(run).incidents_of(alerts)

    def links_of(self, incident: str) -> tuple[Link, ...]:
        """What joins the alerts of an incident, as a tree; nothing for one that is not held."""
        found = (run.links_of(incident) for run in self._runs.values())
        return next((links for links in found if links), ())

    def incidents(self) -> list[Incident]:
        """Incidents at or above the raising score, the worst first."""
        found = [i for run in self._runs.values() for i in run.raised()]
        return sorted(found, key=lambda incident: (-incident.score, incident.first, incident.id))

    def alerts(self) -> list[Alert]:
        """Folded alerts that are kept, the oldest first."""
        found = [alert for run in self._runs.values() for alert in run.alerts()]
        return sorted(found, key=lambda alert: (alert.first, alert.id))

    def forget_run(self, run: str) -> None:
        """Let a finished replay or drill go."""
        self._runs.pop(run, None)

    def _run(self, name: str) -> Groups:
        run = self._runs.pop(name, None)
        if run is None:
            run = Groups(
                name,
                self._context,
                raise_at=self._raise_at,
                window=self._window,
                alerts_kept=self._alerts_kept,
                losses=self.losses,
            )
        self._runs[name] = run  # the newest used stands last
        if len(self._runs) > RUNS_KEPT:
            oldest = next(n for n in self._runs if n)  # live telemetry ("") is never let go
            self.losses.add("correlation.runs_evicted")
            del self._runs[oldest]
        return run


def _together(changes: Sequence[Changes]) -> Changes:
    return Changes(
        tuple(alert for change in changes for alert in change.alerts),
        tuple(incident for change in changes for incident in change.incidents),
        {old: new for change in changes for old, new in change.absorbed.items()},
        {old: new for change in changes for old, new in change.folded.items()},
    )
