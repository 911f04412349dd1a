r"""Escapes: whether JSON bytes write their texts as orjson does, so that they can be scanned as they are.

orjson escapes only what it must; `\u0041` for a letter and `\/` hide a text from a scan of the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

try:
    import hyperscan as _hyperscan
except ImportError:  # no wheel for this processor
    _hyperscan = None  # type: ignore[assignment]
hyperscan: Any = _hyperscan

_ODD = rb"(?:^|[^\\])(?:\\\\)*\\[u/]"
_pattern = re.compile(_ODD)


def has_odd_escapes(data: bytes) -> bool:
    """Whether there is an escape that orjson might not write."""
    return (b"\\u" in data or b"\\/" in data) and _pattern.search(data) is not None


def _scanner() -> Callable[[bytes], bool]:
    """The same over whole blocks, several times as fast where hyperscan is installed."""
    if hyperscan is None:
        return has_odd_escapes
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL
    database.compile(expressions=[_ODD], ids=[0], elements=1, flags=flags)

    def found_one(_id: int, _start: int, _end: int, _flags: int, found: Any) -> None:
        found.append(True)

    def scan(data: bytes) -> bool:
        found: list[bool] = []
        database.scan(data, match_event_handler=found_one, context=found)
        return bool(found)

    return scan


block_has_odd_escapes: Callable[[bytes], bool] = _scanner()
