"""Containers: YAML maps and lists that know the lines of what they hold."""

from __future__ import annotations

from typing import Any

from detections.sigma.scalars import resolved

_RESOLVABLE = frozenset(["", *"0123456789+-.~tTfFnNyYoO"])  # see `scalars`


class Map(dict[str, Any]):
    """A YAML map. `lines` are those of its keys (from 1), `written` the spelling of odd scalars."""

    __slots__ = ("line", "lines", "size", "written")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}
        self.written: dict[str, str] = {}
        self.size = 1


class Items(list[Any]):
    """A YAML list; `lines` and `written` (by position) as in `Map`."""

    __slots__ = ("line", "lines", "size", "written")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []
        self.written: dict[int, str] = {}
        self.size = 1


def read_plain(text: str) -> tuple[object, str | None]:
    """The value of a plain scalar, and its spelling where that is not the value's own."""
    if text[:1] not in _RESOLVABLE:  # most texts begin with what no number, boolean or null does
        return text, None
    value = resolved(text)
    return value, spelling(value, text)


def spelling(value: object, text: str) -> str | None:
    """How a scalar was written, where its value does not tell."""
    if value is text or value is None or str(value) == text or text.lower() in ("true", "false"):
        return None
    return text
