"""Rows of segments back to events: the fields as they came, head first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from fengsui.event import Event, Fields
from fengsui.query.values import field_type
from fengsui.store.embedded.condition import DATE_FORMAT, quoted
from fengsui.store.embedded.schema import ID, REST, registered


def selected(columns: Mapping[str, bool], wanted: Sequence[str] = ()) -> list[str]:
    """Columns to read for whole events, or for the fields wanted (always with the id)."""
    names = [name for name in registered() if name in columns]
    if wanted:
        names = [name for name in names if name in wanted or name == ID]
    return names + [REST] * (REST in columns)


def expressions(names: Sequence[str]) -> str:
    """The SELECT list that gives these columns as their JSON values."""
    return ", ".join(_expression(name) for name in names)


def _expression(name: str) -> str:
    column = quoted(name)
    if name == ID:
        return f"lower(hex({column}))"
    if name != REST and field_type(name) == "date":
        return f"strftime({column}, '{DATE_FORMAT}')"
    return column


def fields_of(names: Sequence[str], row: Sequence[Any], wanted: Sequence[str] = ()) -> Fields:
    """The fields of one row."""
    found: Fields = {
        name: value for name, value in zip(names, row, strict=True) if value is not None
    }
    rest = found.pop(REST, None)
    if rest is not None:
        kept: dict[str, Any] = orjson.loads(str(rest))
        found |= {name: value for name, value in kept.items() if not wanted or name in wanted}
    return found


def event_of(fields: Fields) -> Event:
    """An event of whole fields."""
    return Event(orjson.dumps(fields), fields)
