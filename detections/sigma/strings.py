r"""Strings: a rule's text → pattern parts, by Sigma's escapes (Sigma 2.1 rules, "Escaping").

`*` and `?` are wildcards; `\*`, `\?` and `\\` are the characters themselves; a backslash before
anything else is itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from detections.sigma.conditions import Parts, Wild

_WILD = {"*": Wild.MANY, "?": Wild.ONE}
_ESCAPED = frozenset("*?\\")


@lru_cache(maxsize=16_384)
def parts_of(text: str) -> Parts:
    """The parts of a text as a rule writes it."""
    if "*" not in text and "?" not in text and "\\\\" not in text:
        return (text,) if text else ()
    parts: list[str | Wild] = []
    run: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 2] in _ESCAPED and at + 1 < len(text):
            run.append(text[at + 1])
            at += 2
            continue
        if char in _WILD:
            parts += ["".join(run), _WILD[char]]
            run = []
        else:
            run.append(char)
        at += 1
    return joined([*parts, "".join(run)])


def joined(parts: Iterable[str | Wild]) -> Parts:
    """The same pattern in its one normal form: no neighbouring texts, no repeated `*`, no empty text."""
    kept: list[str | Wild] = []
    for part in parts:
        last = kept[-1] if kept else None
        if part == "":
            continue
        if isinstance(part, str) and isinstance(last, str):
            kept[-1] = last + part
        elif not (part is Wild.MANY and last is Wild.MANY):
            kept.append(part)
    return tuple(kept)
