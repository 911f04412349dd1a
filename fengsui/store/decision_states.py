"""What the state knows of people's judgement: decisions about incidents, verdicts by rule, weak alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fengsui.alert import Alert
from fengsui.incident import Decision

PRIOR_VERDICTS = 10.0  # verdicts that a rule's own word for its fidelity is worth


@dataclass(frozen=True, slots=True)
class Judged:
    """How many closed incidents held alerts of a rule, by their verdict."""

    true: int = 0
    benign: int = 0
    false: int = 0

    @property
    def total(self) -> int:
        """All verdicts."""
        return self.true + self.benign + self.false

    @property
    def false_share(self) -> float | None:
        """Share of false among all verdicts; None without any."""
        return self.false / self.total if self.total else None

    def fidelity(self, stated: float) -> float:
        """Mean of the Beta posterior: the prior is `PRIOR_VERDICTS` verdicts at the stated fidelity.

        A benign one, where the rule saw rightly what was allowed, is half a failure.
        """
        right = self.true + self.benign / 2
        return (stated * PRIOR_VERDICTS + right) / (PRIOR_VERDICTS + self.total)


@dataclass(frozen=True, slots=True)
class WeakFilter:
    """Which alerts below the line; `run` "" is live telemetry, None any; times in ns."""

    run: str | None = None
    rule: str | None = None
    text: str = ""
    since: int = 0
    until: int = 2**63 - 1


class DecisionStates(Protocol):
    """Decisions and what is learned from them."""

    def put_decision(self, decision: Decision) -> None:
        """Insert or replace by id."""
        ...

    def decision(self, id: str) -> Decision | None:  # noqa: A002
        """One decision."""
        ...

    def decisions(self, run: str) -> list[Decision]:
        """All decisions about a run, oldest first, those taken back too; ids of alerts as they are now."""
        ...

    def judged(self) -> Mapping[str, Judged]:
        """Verdicts by rule, from closed incidents outside of drills."""
        ...

    def weak_alerts(
        self, which: WeakFilter, *, limit: int = 100, offset: int = 0
    ) -> tuple[Sequence[Alert], int]:
        """Alerts that stand in no incident, the gravest and newest first, and how many there are."""
        ...
