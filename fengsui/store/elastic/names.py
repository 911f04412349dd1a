"""Names: the fields that the store adds to a document, and the index that an event belongs to.

An index holds one dataset, one retention class and one period of event time:

    fengsui-dns-ordinary-2026.11.21     a day
    fengsui-dns-ordinary-2026.11.b      the second part of a month (days 8-14; a 1-7, c 15-21, d 22-)
    fengsui-dns-ordinary-2026.11        a month

Days nest in parts and parts in months. The period of an event is the finest index that exists for its
time, else a new one as large as the dataset's volume asks for; so the same event always meets the same
index, and a cluster keeps few shards where days are small.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

TEXT: Final = "store.text"
"""All values: `name` US `folded text`; what is searched."""
NAMES: Final = "store.names"
"""Names of the fields that the event has."""
REST: Final = "store.rest"
"""Values that the registry has no type for, by name (flattened)."""
KEPT: Final = "store.kept"
"""JSON of those of them that no index takes; kept, not indexed."""
LOOSE: Final = "store.loose"
"""Names of the fields in the two above."""
ODD: Final = "store.odd"
"""True where a value or name is too long to be a term: searches confirm such events by hand."""
AT: Final = "store.at"
"""When it was stored, ms."""
TIMES: Final = "store.times"
"""Dates in µs, by field."""
US: Final = "\x1f"
"""Unit separator, between name and value."""

Period = Literal["day", "part", "month"]
PERIODS: Final[tuple[Period, ...]] = ("day", "part", "month")
BYTES_OF_A_SHARD: Final = 20 * 1024**3
"""A period is chosen so that an index stays below this: large shards recover slowly."""
_DAYS: Final[Mapping[Period, int]] = {"day": 1, "part": 7, "month": 31}
_INDEX: Final = re.compile(
    r"(?P<set>[a-z0-9_]+)-(?P<kept>[a-z0-9_]+)-(?P<period>\d{4}\.\d\d(\.\d\d|\.[a-d])?)"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class IndexName:
    """A name taken apart; times in µs, `last` included."""

    name: str
    dataset: str
    retention: str
    period: Period
    first: int
    last: int

    @property
    def days(self) -> int:
        """Days that it covers."""
        return (self.last + 1 - self.first) // 86_400_000_000


def read_name(prefix: str, name: str) -> IndexName | None:
    """The parts of an index of ours; None when it is another's."""
    found = _INDEX.fullmatch(name.removeprefix(f"{prefix}-"))
    if not name.startswith(f"{prefix}-") or found is None:
        return None
    text = found["period"]
    year, month, part = int(text[:4]), int(text[5:7]), text[8:]
    period: Period = "month" if not part else "part" if part in "abcd" else "day"
    try:
        first, after = _ends(year, month, part, period)
    except ValueError:
        return None
    return IndexName(
        name,
        found["set"],
        found["kept"],
        period,
        (first - _EPOCH) // _MICROSECOND,
        (after - _EPOCH) // _MICROSECOND - 1,
    )


def _ends(year: int, month: int, part: str, period: Period) -> tuple[datetime, datetime]:
    start = datetime(year, month, 1, tzinfo=UTC)
    next_month = start.replace(year=year + month // 12, month=month % 12 + 1)
    if period == "month":
        return start, next_month
    if period == "day":
        day = datetime(year, month, int(part), tzinfo=UTC)
        return day, day + timedelta(days=1)
    number = "abcd".index(part)
    first = start + timedelta(days=7 * number)
    return first, next_month if part == "d" else first + timedelta(days=7)


def index_name(prefix: str, dataset: str, retention: str, moment: int, period: Period) -> str:
    """The index of a moment (µs) for a period."""
    at = _EPOCH + moment * _MICROSECOND
    text = f"{at.year:04d}.{at.month:02d}"
    if period == "day":
        text += f".{at.day:02d}"
    elif period == "part":
        text += f".{'abcd'[min(at.day - 1, 27) // 7]}"
    return f"{prefix}-{dataset}-{retention}-{text}"


def chosen_index(
    prefix: str, dataset: str, retention: str, moment: int, known: Collection[str], fresh: Period
) -> str:
    """Where an event belongs: the finest index that exists for its time, else one of period `fresh`."""
    for period in PERIODS:
        name = index_name(prefix, dataset, retention, moment, period)
        if name in known:
            return name
    return index_name(prefix, dataset, retention, moment, fresh)


def period_for(bytes_a_day: float) -> Period:
    """The longest period whose index stays below the bound; small datasets get months."""
    for period in reversed(PERIODS):
        if bytes_a_day * _DAYS[period] <= BYTES_OF_A_SHARD:
            return period
    return "day"
