"""What the gauges are made of, gathered by the console from the stores. Times in ns."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.severity import Severity
from fengsui.text import Text


@dataclass(frozen=True, slots=True)
class IncidentFact:
    """An incident as the situation sees it.

    `noticed`, `taken` and `closed` are of the people's clock (0: not yet); `last` is of the events'.
    """

    id: str
    title: Text
    score: float
    severity: Severity
    last: int
    noticed: int
    taken: int = 0
    closed: int = 0

    @property
    def is_open(self) -> bool:
        """Whether nobody has closed it."""
        return not self.closed


@dataclass(frozen=True, slots=True)
class AlertFact:
    """An alert that stands in no incident; `detail` names its hosts."""

    id: str
    title: Text
    severity: Severity
    last: int
    detail: Text | None = None


@dataclass(frozen=True, slots=True)
class WeaknessFact:
    """Something that can be attacked. `part`: control, service, practice, unregistered or unowned.

    `degree` is the verdict of a control (`does_not`, `partly`); `criticality` 1 to 4 of its asset.
    """

    part: str
    id: str
    title: Text
    degree: str = ""
    criticality: int = 1
    at: int = 0
    detail: Text | None = None


@dataclass(frozen=True, slots=True)
class ExpectedFact:
    """Something that should be seen. `part`: assets, sources, planes or sensors; `share` 0 to 1 of it is."""

    part: str
    id: str
    title: Text
    weight: float
    share: float
    at: int = 0
    detail: Text | None = None


@dataclass(frozen=True, slots=True)
class WarningFact:
    """A proposed warning, on the people's clock (`answered` 0: not yet)."""

    id: str
    title: Text
    colour: str
    proposed: int
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """All of one scope at one time: `now` is the clock of the events, `wall` that of the people.

    `scope` is the run that incidents bear in the queue, "" for live.
    """

    now: int
    wall: int
    scope: str = ""
    incidents: tuple[IncidentFact, ...] = ()
    alerts: tuple[AlertFact, ...] = ()
    weaknesses: tuple[WeaknessFact, ...] = ()
    expected: tuple[ExpectedFact, ...] = ()
    warnings: tuple[WarningFact, ...] = ()
