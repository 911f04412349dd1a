"""Four-colour warnings: proposed from incidents by importance and harm, for people to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from correlation.scoring import SEVERITY_WORDS
from correlation.situation.weights import by_word, colours, number
from fengsui.clock import MINUTE
from fengsui.severity import Severity
from fengsui.text import Text
from fengsui.warning import COLOURS, Colour


@dataclass(frozen=True, slots=True)
class Threatened:
    """An open incident with what it touches: `importance` 1 to 4, units by name."""

    incident: str
    title: Text
    severity: Severity
    importance: int
    important: str
    units: tuple[str, ...]
    stages: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A warning that the arithmetic proposes, with its reasons in full sentences."""

    incident: str
    title: Text
    colour: Colour
    reasons: tuple[Text, ...]
    units: tuple[str, ...]


def propose(found: Sequence[Threatened]) -> list[Proposal]:
    """A proposal for each incident that the matrix gives a colour, worst first."""
    made = [proposal for each in found if (proposal := _proposal(each))]
    return sorted(made, key=lambda each: (COLOURS.index(each.colour), each.incident))


def due_at(colour: Colour, proposed: int) -> int:
    """When a proposal that nobody answered is escalated, ns."""
    return proposed + int(by_word("warning.confirm_minutes")[colour] * MINUTE)


def _proposal(each: Threatened) -> Proposal | None:
    row = colours().get(str(int(each.severity)))
    word = row[each.importance - 1] if row else ""
    colour: Colour | None = next((known for known in COLOURS if known == word), None)
    if colour is None:
        return None
    reasons = [
        Text(
            "situation.warning.matrix",
            {
                "severity": each.severity.word,
                "severity_zh": SEVERITY_WORDS[each.severity],
                "importance": each.importance,
            },
        )
    ]
    if each.important:
        reasons.append(
            Text("situation.warning.important", {"name": each.important, "level": each.importance})
        )
    if len(each.units) >= number("warning.spread"):
        colour = COLOURS[max(0, COLOURS.index(colour) - 1)]
        reasons.append(Text("situation.warning.spread", {"units": len(each.units)}))
    if each.stages > 1:
        reasons.append(Text("situation.warning.stages", {"stages": each.stages}))
    return Proposal(each.incident, each.title, colour, tuple(reasons), each.units)
