"""Order and pages: a page starts behind the sort value and id that the cursor names."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fengsui.store.embedded.catalogue import Segment
from fengsui.store.embedded.condition import TRUE, Condition, quoted
from fengsui.store.embedded.plan import Part
from fengsui.store.embedded.schema import ID, ID_BYTES, TIME, V4, V6
from fengsui.store.event_store import Sort
from fengsui.store.paging import cursor_text, read_cursor, sort_field

_V4_PREFIX: Final = "0" * 20 + "ffff"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last event of a page: its sort value (None when it has none) and its id."""

    value: Any
    id: bytes

    def text(self, sort: Sort) -> str:
        """An opaque text for the caller."""
        return cursor_text(sort, self.value, self.id.hex())


def read_start(text: str | None, sort: Sort) -> Cursor | None:
    """Where a page starts; InputError for a cursor of another search."""
    found = read_cursor(text, sort)
    return Cursor(found[0], bytes.fromhex(found[1])[:ID_BYTES]) if found else None


@dataclass(frozen=True, slots=True)
class Key:
    """The order of a search in SQL and in Python; events without the field come last."""

    sort: Sort
    type: str

    def value(self, columns: Mapping[str, bool]) -> str:
        """SQL of the sort value, NULL where the partition has no such column."""
        field = self.sort.field
        name = quoted(field)
        if self.type == "ip":
            return _address_key(field, columns)
        if field not in columns:
            return "NULL"
        if field == ID:
            return f"lower(hex({name}))"
        if self.type == "date":
            return f"epoch_us({name})"
        if self.type == "boolean":
            return f"CAST({name} AS BIGINT)"
        return name if self.type in {"long", "float"} or columns[field] else f"lower({name})"

    def order(self, columns: Mapping[str, bool]) -> str:
        """The ORDER BY list; the plain column for times, so that their statistics count."""
        direction = "DESC" if self.sort.descending else "ASC"
        plain = self.type == "date" and self.sort.field in columns
        value = quoted(self.sort.field) if plain else self.value(columns)
        first = "" if value == "NULL" else f"{value} {direction} NULLS LAST, "
        return f"{first}{quoted(ID)} {direction}"

    def place(self, cursor: Cursor) -> Any:
        """Sort key of Python for the same order."""
        return functools.cmp_to_key(self._compare)(cursor)

    def _compare(self, left: Cursor, right: Cursor) -> int:
        if (left.value is None) != (right.value is None):
            return 1 if left.value is None else -1
        sign = -1 if self.sort.descending else 1
        one: tuple[Any, ...] = (left.id,) if left.value is None else (left.value, left.id)
        other: tuple[Any, ...] = (right.id,) if left.value is None else (right.value, right.id)
        return sign * ((one > other) - (one < other))

    def candidates(self, parts: Sequence[Part], counts: Mapping[str, int], limit: int) -> set[str]:
        """Segments that can hold one of the first events; by time, only those at that end."""
        members = [one for part in parts for one in part.segments if counts.get(one.path)]
        if self.sort.field != TIME:
            return {one.path for one in members}
        sign = -1 if self.sort.descending else 1
        near = {one.path: sign * (one.last if sign < 0 else one.first) for one in members}
        far = {one.path: sign * (one.first if sign < 0 else one.last) for one in members}
        chosen: set[str] = set()
        held, edge = 0, None
        for one in sorted(members, key=lambda segment: far[segment.path]):
            if edge is None:
                held += counts[one.path]
                if held >= limit:
                    edge = far[one.path]
        for one in members:
            if edge is None or near[one.path] <= edge:
                chosen.add(one.path)
        return chosen

    def is_behind(self, segment: Segment, start: Cursor | None) -> bool | None:
        """Whether all of a segment, or nothing of it, comes after a cursor; None when it must be read."""
        if self.sort.field != TIME or start is None or start.value is None:
            return None
        if segment.first <= start.value <= segment.last:
            return None
        older: bool = segment.last < start.value
        return older == self.sort.descending


def key_of(sort: Sort) -> Key:
    """The order that a caller asked for; InputError where there is none."""
    return Key(sort, sort_field(sort).type)


def after(key: Key, columns: Mapping[str, bool], start: Cursor | None) -> Condition:
    """What comes behind a cursor."""
    if start is None:
        return TRUE
    value = key.value(columns)
    sign = "<" if key.sort.descending else ">"
    id_ = quoted(ID)
    if start.value is None:
        return Condition(f"({value}) IS NULL AND {id_} {sign} ?", [start.id])
    if value == "NULL":
        return TRUE
    sql = f"({value}) {sign} ? OR (({value}) = ? AND {id_} {sign} ?) OR ({value}) IS NULL"
    return Condition(sql, [start.value, start.value, start.id])


def _address_key(field: str, columns: Mapping[str, bool]) -> str:
    v4, v6 = quoted(field + V4), quoted(field + V6)
    of_v4 = f"CASE WHEN {v4} IS NOT NULL THEN '{_V4_PREFIX}' || printf('%08x', {v4}) END"
    found = [of_v4] * (field + V4 in columns) + [v6] * (field + V6 in columns)
    return f"coalesce({', '.join(found)})" if found else "NULL"
