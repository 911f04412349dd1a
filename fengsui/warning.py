"""Warning 预警: red, orange, yellow or blue; proposed by the arithmetic, decided by a person.

The ladder is that of the national plan for cybersecurity emergencies (2017) and GB/T 32924-2016. It is
another thing than severity: severity grades what happened, a warning tells others to prepare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from fengsui.clock import to_iso
from fengsui.text import Text

Colour = Literal["red", "orange", "yellow", "blue"]
COLOURS: Final[tuple[Colour, ...]] = ("red", "orange", "yellow", "blue")  # worst first
WarningStatus = Literal["proposed", "confirmed", "dismissed", "lifted", "overtaken"]
WarningDeed = Literal["confirm", "dismiss", "lift"]


@dataclass(frozen=True, slots=True)
class WarningAct:
    """What somebody did with a warning, when (ns) and why. Never changed, only followed by another."""

    deed: str
    by: str
    at: int
    reason: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning about an incident.

    Attributes:
        id: digest of its incident and the proposed colour, so that it is proposed once.
        run: the drill or replay that it belongs to; "" for live telemetry.
        colour: as proposed, or as the person decided who confirmed it.
        proposed, due: when it was proposed and when it is escalated unless answered, ns.
        escalated: when it was, 0 if not.
    """

    id: str
    incident: str
    run: str
    title: Text
    colour: Colour
    proposed_colour: Colour
    reasons: tuple[Text, ...]
    units: tuple[str, ...]
    status: WarningStatus
    proposed: int
    due: int
    escalated: int = 0
    version: int = 1
    history: tuple[WarningAct, ...] = ()

    @property
    def answered(self) -> int:
        """When somebody first confirmed or dismissed it, or it was overtaken, ns; 0 if not yet."""
        return self.history[0].at if self.history else 0

    def as_json(self) -> dict[str, object]:
        """The published form; times as ISO."""
        return {
            "id": self.id,
            "incident": self.incident,
            "run": self.run,
            "title": self.title.as_json(),
            "colour": self.colour,
            "proposed_colour": self.proposed_colour,
            "reasons": [each.as_json() for each in self.reasons],
            "units": list(self.units),
            "status": self.status,
            "proposed": to_iso(self.proposed),
            "due": to_iso(self.due),
            "escalated": to_iso(self.escalated) if self.escalated else None,
            "version": self.version,
            "history": [
                {
                    "deed": each.deed,
                    "by": each.by,
                    "at": to_iso(each.at),
                    "reason": each.reason,
                    "colour": each.colour,
                }
                for each in self.history
            ],
        }
