r"""Escapes: whether JSON bytes write their texts as orjson does, so that they can be scanned as they are.

orjson escapes only what it must; `\u0041` for a letter and `\/` hide a text from a scan of the bytes.
"""

from __future__ import annotations

import re

_ODD = rb"(?:^|[^\\])(?:\\\\)*\\[u/]"
_pattern = re.compile(_ODD)


def has_odd_escapes(data: bytes) -> bool:
    """Whether there is an escape that orjson might not write."""
    return (b"\\u" in data or b"\\/" in data) and _pattern.search(data) is not None
