"""Editions of standards and guides, dated, and which are in use for a report of a day."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from fengsui.errors import InputError
from fengsui.text import Text, literal

EDITIONS_FILE: Final = Path(__file__).parents[1] / "catalogue" / "editions.toml"
EditionKind = Literal["requirements", "assessment", "high_risk", "score"]
KINDS: Final[tuple[EditionKind, ...]] = ("requirements", "assessment", "high_risk", "score")


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition; `since` is its first day of use (ISO, "" unknown)."""

    kind: EditionKind
    id: str
    title: Text
    issued: str
    since: str
    carried: bool
    mark: str

    def as_json(self) -> dict[str, object]:
        """For documents."""
        return {
            "kind": self.kind,
            "id": self.id,
            "title": self.title.as_json(),
            "issued": self.issued,
            "since": self.since,
            "carried": self.carried,
            "mark": self.mark,
        }


@cache
def editions() -> tuple[Edition, ...]:
    """All editions, in the order of the file."""
    document = tomllib.loads(EDITIONS_FILE.read_text("utf-8"))
    return tuple(
        Edition(
            kind=kind,
            id=name,
            title=literal(row["title_zh"], row["title_en"]),
            issued=row["issued"],
            since=row["from"],
            carried=row["carried"],
            mark=row["mark"],
        )
        for kind in KINDS
        for name, row in document[kind].items()
    )


def edition(kind: EditionKind, name: str) -> Edition:
    """One edition.

    Raises:
        InputError: not known.
    """
    known = [each for each in editions() if each.kind == kind]
    for each in known:
        if each.id == name:
            return each
    raise InputError(
        f"{name[:40]} is no edition of {kind}",
        next=f"Known: {', '.join(each.id for each in known)}",
        code="unknown_edition",
    )


def in_use(kind: EditionKind, day: str) -> Edition:
    """The newest edition with data whose first day of use is not after `day` (ISO)."""
    known = [each for each in editions() if each.kind == kind and each.carried]
    past = [each for each in known if each.since <= day]
    return max(past or known, key=lambda each: each.since)
