"""The longest text that every match of a regular expression must hold, to search before confirming."""

from __future__ import annotations

import re
import warnings
from importlib import import_module
from typing import Any, Final

_PARSER: Final[Any] = import_module("re._parser")  # Python's own, since 3.11


def longest_literal(expression: str) -> str:
    """Literal text found in all that the expression matches, as written; empty when none is sure.

    Only runs of plain characters on the outermost level count. ASCII only, so that ignoring case means
    the same everywhere.
    """
    if "[[:" in expression:  # RE2's classes by name; Python reads them otherwise
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed: Any = _PARSER.parse(expression)
    except (re.error, OverflowError, RecursionError):
        return ""  # RE2 knows it, Python does not
    runs = [""]
    for operation, argument in parsed:
        if str(operation) == "LITERAL" and 32 < argument < 127:
            runs[-1] += chr(argument)
        else:
            runs.append("")
    return max(runs, key=len)
