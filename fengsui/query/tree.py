"""Query trees: what a Lucene text means, the same for every store.

Semantics, for all stores alike:
- Text compares without regard to case (ASCII and beyond: `str.lower`); `*` and `?` are wildcards.
- A list matches when one of its values does; an absent field matches nothing, so `NOT a:1` includes it.
- An `ip` field takes an address or a CIDR of either family; ranges of addresses are by number.
- `_exists_:field` is true when the event has the field.
- A term without a field is looked for in the values of all fields, as a substring without case.
- Dates are ISO 8601, UTC when no zone is given.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every event (`*` or empty text)."""


@dataclass(frozen=True, slots=True)
class Term:
    """`field:value`; `value` as typed, with `wildcards` true when it holds an unescaped `*` or `?`.

    `pattern` keeps escapes of literal `*`, `?` and backslash by a backslash when `wildcards` is true.
    """

    field: str
    value: str
    wildcards: bool = False


@dataclass(frozen=True, slots=True)
class Anywhere:
    """A value without a field: substring of any value, case ignored; wildcards allowed."""

    value: str


@dataclass(frozen=True, slots=True)
class Regex:
    """`field:/expression/`: linear-time syntax (RE2), whole value, case ignored."""

    field: str
    expression: str


@dataclass(frozen=True, slots=True)
class Range:
    """`field:[low TO high]`; None is open. Numbers, dates and addresses by the field's type."""

    field: str
    low: str | None
    high: str | None
    low_included: bool = True
    high_included: bool = True


@dataclass(frozen=True, slots=True)
class Exists:
    """`_exists_:field`."""

    field: str


@dataclass(frozen=True, slots=True)
class Not:
    """True where `part` is false, also for events without the field."""

    part: Query


@dataclass(frozen=True, slots=True)
class All:
    """AND."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """OR."""

    parts: tuple[Query, ...]


Query = Everything | Term | Anywhere | Regex | Range | Exists | Not | All | Any
