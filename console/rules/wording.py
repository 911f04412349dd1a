"""Wording: what the loader says of a rule's text in English, in Chinese for the editor.

The loader's sentences are for the shell, and are made where the fault is found. The catalogue has each of
them with names in braces; what stands in their place is carried over as it is.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from fengsui.text import catalogue

_TOPIC: Final = "rule_fault."
_NAME: Final = re.compile(r"\\\{(\w+)\\\}")


@lru_cache(maxsize=4096)
def in_chinese(sentence: str) -> str:
    """The sentence in Chinese; empty where the catalogue has none for it."""
    for form, chinese in _forms():
        if (found := form.fullmatch(sentence)) is not None:
            values = found.groupdict()
            why = values.get("why")
            if why is not None:
                values["why"] = in_chinese(why) or why
            return chinese.format(**values)
    return ""


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(_NAME.sub(r"(?P<\1>.+?)", re.escape(entry["en"])), re.DOTALL), entry["zh"])
        for key, entry in sorted(catalogue().items())
        if key.startswith(_TOPIC)
    )
