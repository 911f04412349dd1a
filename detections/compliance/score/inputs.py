"""What a score template is given and what it answers, with each step of the sum in the open."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from fengsui.control import Conformity
from fengsui.errors import SettingsError
from fengsui.text import Text, literal

LIMITS_FILE: Final = Path(__file__).with_name("conclusion.toml")
_TECHNICAL: Final = frozenset({"PES", "CNS", "ABS", "CES", "SMC"})
Grade = Literal[
    "conforms", "basically", "does_not", "excellent", "good", "middle", "poor", "undecided"
]
HOLES: Final = ("conforms", "basically", "does_not")


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """One item as scores see it."""

    unit: str
    verdict: Conformity

    @property
    def technical(self) -> bool:
        """Technical classes, against management."""
        return self.unit.split("-")[1][:3] in _TECHNICAL


@dataclass(frozen=True, slots=True)
class Risks:
    """Counts: high and possible high risks; major risks before repair, and repaired since."""

    high: int = 0
    possible: int = 0
    major: int = 0
    repaired: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the trace: a name of the catalogue, the sum in writing, its value."""

    name: str
    formula: str
    value: str
    mark: Text | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A number with the grade that it gives, and how it came about."""

    value: Fraction
    grade: Grade
    trace: tuple[Line, ...]


class Template(Protocol):
    """A module of the shelf: `ID`, and `conclude`."""

    ID: str

    def conclude(self, items: Sequence[ScoredItem], risks: Risks, limits: Limits) -> Outcome:
        """The outcome when what is insufficient counts as not conforming."""
        ...


@dataclass(frozen=True, slots=True)
class Conclusion:
    """An outcome, and how far open items may move it.

    Attributes:
        outcome: with every open item counted as not conforming.
        best: with every open item counted as conforming; `open_items` says how many.
    """

    template: str
    outcome: Outcome
    best: Outcome
    open_items: int

    @property
    def grade(self) -> Grade:
        """The grade; `undecided` while open items could change it."""
        return self.outcome.grade if self.outcome.grade == self.best.grade else "undecided"


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers and holes, each with its mark."""

    document: Mapping[str, Mapping[str, Mapping[str, Any]]]

    def number(self, section: str, name: str) -> Fraction:
        """A number."""
        return Fraction(str(self.document[section][name]["value"]))

    def hole(self, name: str) -> Grade:
        """What is concluded where the rule is silent."""
        value = self.document["holes"][name]["value"]
        if value not in HOLES:
            raise SettingsError(
                f"{value!r} is no conclusion",
                where=f"holes.{name}",
                next=f"Choose {', '.join(HOLES)}",
            )
        return value  # type: ignore[no-any-return]

    def mark(self, section: str, name: str) -> Text:
        """Where it comes from."""
        row = self.document[section][name]
        return literal(row["mark_zh"], row["mark_en"])


@cache
def default_limits() -> Limits:
    """As shipped."""
    return Limits(tomllib.loads(LIMITS_FILE.read_text("utf-8")))


def limits_with(path: Path) -> Limits:
    """As shipped, with what an installation's own file says instead.

    Raises:
        SettingsError: not TOML, or a name that is not known.
    """
    base = default_limits().document
    if not path.exists():
        return Limits(base)
    try:
        own = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            "The file of conclusions is not TOML", where=f"{path}: {error}", next="Mend it"
        ) from error
    unknown = [f"{s}.{n}" for s, rows in own.items() for n in rows if n not in base.get(s, {})]
    if unknown:
        raise SettingsError(
            f"{unknown[0]} is not known", where=str(path), next="See conclusion.toml for the names"
        )
    return Limits(
        {
            section: {
                name: {**row, "value": own.get(section, {}).get(name, row["value"])}
                for name, row in rows.items()
            }
            for section, rows in base.items()
        }
    )


def applicable(items: Sequence[ScoredItem]) -> list[ScoredItem]:
    """All but what is not applicable."""
    return [item for item in items if item.verdict is not Conformity.NOT_APPLICABLE]


def share(verdict: Conformity, half: Fraction) -> Fraction:
    """How much of an item is met: 1, a half, 0."""
    return {Conformity.CONFORMS: Fraction(1), Conformity.PARTLY: half / 100}.get(
        verdict, Fraction(0)
    )


def rounded(value: Fraction) -> str:
    """Two places, half up: shown so, and never compared so."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))


def if_closed(items: Sequence[ScoredItem]) -> list[ScoredItem]:
    """The same with every open item conforming."""
    return [
        replace(item, verdict=Conformity.CONFORMS)
        if item.verdict is Conformity.INSUFFICIENT
        else item
        for item in items
    ]
