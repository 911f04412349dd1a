"""Words of a command line in their usual spelling, read without Typer, whose start takes its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Options = Mapping[str, tuple[str, type]]  # name → parameter of the command, kind of value


def values_of(words: Sequence[str], options: Options, rest: str) -> dict[str, Any] | None:
    """Values by parameter, what is no option as a list under `rest`; None where Typer must read them."""
    found: dict[str, Any] = {}
    left = iter(words)
    for word in left:
        if not word.startswith("-") or word == "-":
            found.setdefault(rest, []).append(word)
            continue
        name, has_value, value = word.partition("=")
        if name not in options or (has_value and not name.startswith("--")):
            return None
        parameter, kind = options[name]
        if kind is bool:
            if has_value:
                return None
            found[parameter] = True
        elif not _put(found, parameter, kind, iter([value]) if has_value else left):
            return None
    return found


def _put(found: dict[str, Any], parameter: str, kind: type, values: Iterator[str]) -> bool:
    """Take the value of an option; whether it is one."""
    value = next(values, None)
    if value is None:
        return False
    if kind is list:
        found.setdefault(parameter, []).append(value)
    elif kind is not int:
        found[parameter] = kind(value)
    elif value.isascii() and value.isdigit():
        found[parameter] = int(value)
    else:
        return False
    return True
