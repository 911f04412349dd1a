"""Prefilter: one scan of bytes for many literals, ASCII case ignored.

Hyperscan where it is installed (x86-64), else a google-re2 set: same answers, slower.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import re2

try:
    import hyperscan as _hyperscan
except ImportError:  # no wheel for this processor
    _hyperscan = None  # type: ignore[assignment]
hyperscan: Any = _hyperscan

Scan = Callable[[bytes], list[int]]  # bytes → positions of the literals found, in any order


def make_scan(literals: Sequence[bytes], *, portable: bool = False) -> Scan:
    """A scanner for these literals (not empty); `portable` chooses the engine without hyperscan."""
    if portable or hyperscan is None:
        return _re2_scan(literals)
    return _hyperscan_scan(literals)


def _hyperscan_scan(literals: Sequence[bytes]) -> Scan:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=list(literals),
        ids=list(range(len(literals))),
        elements=len(literals),
        flags=hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH,
        literal=True,
    )

    def found_one(index: int, _start: int, _end: int, _flags: int, found: Any) -> None:
        found.append(index)

    def scan(data: bytes) -> list[int]:
        found: list[int] = []
        database.scan(data, match_event_handler=found_one, context=found)
        return found

    return scan


def _re2_scan(literals: Sequence[bytes]) -> Scan:
    options = re2.Options()
    options.case_sensitive = False
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = 256 << 20
    options.log_errors = False
    patterns = re2.Set.SearchSet(options)
    for literal in literals:
        patterns.Add(re2.escape(literal.decode("ascii")))
    patterns.Compile()

    def scan(data: bytes) -> list[int]:
        return list(patterns.Match(data) or ())

    return scan
