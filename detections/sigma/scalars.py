"""Scalars: a plain word of a rule file as null, boolean, number or text.

YAML 1.1 as the whole Sigma ecosystem reads it, except that what is no number on sight stays text.
"""

from __future__ import annotations

import re

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,19})", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_OTHER = re.compile(
    r"[-+]?(?:0x[0-9a-fA-F]{1,16}|0b[01]{1,64}|0o[0-7]{1,21}|[1-9][0-9]*(?:_[0-9]+)+)"
    r"|\+(?:[0-9]|[1-9][0-9]{1,19})",
    re.ASCII,
)
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_WORDS: dict[str, bool | None] = {
    **{
        spelling(word): truth
        for word, truth in _TRUTHS.items()
        for spelling in (str, str.upper, str.capitalize)
    },
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}


def resolved(text: str) -> object:
    """The value of a plain scalar: None, a boolean, a number, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if len(text) > 40:
        return text
    if _FLOAT.fullmatch(text):
        value = float(text)
        return value if abs(value) < 1e300 else text
    if _OTHER.fullmatch(text):
        return int(text.replace("_", ""), 0)
    return text
