"""Prefilter: one scan of bytes for many literals, ASCII case ignored.

Hyperscan where it is installed (x86-64), else a google-re2 set: same answers, slower.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from itertools import accumulate
from typing import Any, Protocol

_scanner: Callable[[Sequence[bytes]], Any] | None
try:
    from detections.sigma.scanners import scanner as _scanner
except ImportError:  # no wheel for this processor
    _scanner = None

_REMEMBERED = 64  # scanners
_NOTHING: Mapping[int, list[int]] = {}


class Scan(Protocol):
    """Finds literals in bytes; says their positions in the list that it was made of."""

    def __call__(self, data: bytes) -> list[int]:
        """Literals found, in any order, some more than once."""
        ...

    def each(self, many: Sequence[bytes]) -> Mapping[int, list[int]]:
        """The same for many texts: by position, those in which something was found."""
        ...


@lru_cache(maxsize=_REMEMBERED)
def make_scan(literals: tuple[bytes, ...], *, portable: bool = False) -> Scan:
    """A scanner for these literals (not empty, no line breaks in them); `portable` chooses the engine
    without hyperscan. It is remembered: many kinds of events have the same literals.
    """
    return _Re2(literals) if portable or _scanner is None else _Hyperscan(literals)


class Search:
    """One literal after the other: for the first events, over which a scanner is not worth its making.

    Args:
        literals: as for `make_scan`.
    """

    def __init__(self, literals: Sequence[bytes]) -> None:
        self._literals = literals

    def __call__(self, data: bytes) -> list[int]:
        """Literals found, in order."""
        low = data.lower()
        return [place for place, one in enumerate(self._literals) if one in low]

    def each(self, many: Sequence[bytes]) -> Mapping[int, list[int]]:
        """The same for many texts: by position, those in which something was found."""
        return {place: found for place, data in enumerate(many) if (found := self(data))}


class _Hyperscan:
    """Many texts are scanned as one: a call costs as much as a kilobyte."""

    def __init__(self, literals: Sequence[bytes]) -> None:
        assert _scanner is not None
        self._database = _scanner(literals)

    def __call__(self, data: bytes) -> list[int]:
        found: list[int] = []
        self._database.scan(data, match_event_handler=_found_one, context=found)
        return found

    def each(self, many: Sequence[bytes]) -> Mapping[int, list[int]]:
        if len(many) == 1:
            alone = self(many[0])
            return {0: alone} if alone else _NOTHING
        found: list[tuple[int, int]] = []
        self._database.scan(b"\n".join(many), match_event_handler=_found_at, context=found)
        if not found:
            return _NOTHING
        ends = [*accumulate(map(len, many), lambda end, length: end + 1 + length, initial=-1)]
        by_text: dict[int, list[int]] = {}
        for literal, end in found:
            by_text.setdefault(bisect_left(ends, end, 1) - 1, []).append(literal)
        return by_text


def _found_one(literal: int, _start: int, _end: int, _flags: int, found: Any) -> None:
    found.append(literal)


def _found_at(literal: int, _start: int, end: int, _flags: int, found: Any) -> None:
    found.append((literal, end))


class _Re2:
    def __init__(self, literals: Sequence[bytes]) -> None:
        re2 = import_module("re2")  # here, because most machines have hyperscan
        options = re2.Options()
        options.case_sensitive = False
        options.encoding = re2.Options.Encoding.LATIN1
        options.max_mem = 256 << 20
        options.log_errors = False
        self._patterns = re2.Set.SearchSet(options)
        for literal in literals:
            self._patterns.Add(re2.escape(literal.decode("ascii")))
        self._patterns.Compile()

    def __call__(self, data: bytes) -> list[int]:
        return list(self._patterns.Match(data) or ())

    def each(self, many: Sequence[bytes]) -> Mapping[int, list[int]]:
        return {place: found for place, data in enumerate(many) if (found := self(data))}
