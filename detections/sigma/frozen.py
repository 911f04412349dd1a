"""Frozen: rules as JSON and back, without running anything that the JSON says.

Only the classes named here come out of it. A list `[tag, argument…]` stands for what the tag makes of
the arguments, everything else for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from enum import Enum
from importlib import import_module
from itertools import chain
from pathlib import Path, PosixPath
from typing import Any, cast

import orjson

from detections.sigma.conditions import Text as Pattern
from fengsui.text import Text as Sentence
from fengsui.text import literal

_CONDITIONS = (
    "Always", "Never", "All", "Some", "Not", "Text", "Number", "Truth", "Compare", "Missing",
    "Present", "Regex", "Network", "SameAs", "TimePart", "Wild",
)  # fmt: skip
_CLASSES = frozenset(
    {
        *(f"detections.sigma.conditions:{name}" for name in _CONDITIONS),
        "detections.sigma.mapping:Logsource",
        "detections.sigma.loaded:Loaded",
        "detections.sigma.loaded:LoadedFilter",
        "detections.sigma.loaded:LoadedRule",
        "detections.sigma.loaded:Refused",
        "detections.sigma.correlations.bounds:Bounds",
        "detections.sigma.correlations.expression:Joined",
        "detections.sigma.correlations.expression:Seen",
        "detections.sigma.correlations.rule:LoadedCorrelation",
        "fengsui.rule:Check",
        "fengsui.rule:Guidance",
        "fengsui.severity:Severity",
        "fengsui.text:Text",
    }
)


class FrozenError(ValueError):
    """A value that has no frozen form, or a text that is none."""


def frozen(value: object) -> bytes:
    """The JSON of a value made of tuples, lists, dicts, texts, numbers and the classes above.

    Raises:
        FrozenError: it holds something else.
    """
    try:
        return orjson.dumps(["=", _row(value)])
    except (orjson.JSONEncodeError, RecursionError) as error:
        raise FrozenError(str(error)) from error


def thawed(data: bytes | memoryview) -> Any:
    """The value that was frozen.

    Raises:
        FrozenError: the text is not what `frozen` writes.
    """
    makers = _Makers(_PLAIN)

    def made(row: list[Any]) -> Any:
        tag, *arguments = row
        return makers[tag](*[one if one.__class__ in _SELF else made(one) for one in arguments])

    try:
        return made(orjson.loads(data))
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise FrozenError(f"not a frozen value: {error}") from error


_PLAIN: dict[str, Callable[..., Any]] = {
    "(": lambda *items: items,
    "[": lambda *items: list(items),
    "{": lambda *items: dict(zip(items[::2], items[1::2], strict=True)),
    "<": lambda *items: frozenset(items),
    "/": Path,
    "~": float.fromhex,
    "=": lambda item: item,
    # The two most frequent kinds in one row instead of two and three.
    "T": lambda field, cased, *parts: Pattern(field, parts, cased),
    "L": literal,
}


class _Makers(dict[str, Callable[..., Any]]):
    """What makes a value of a row's arguments; a class is imported when it is first met."""

    def __missing__(self, tag: str) -> Callable[..., Any]:
        if tag not in _CLASSES:
            raise FrozenError(f"{tag!r} is no class of rules")
        module, _, word = tag.partition(":")
        maker: Callable[..., Any] = getattr(import_module(module), word)
        self[tag] = maker
        return maker


def _row(value: Any) -> object:
    """A value as JSON has it."""
    kind = value.__class__
    if kind in _SELF:
        return value
    if kind is Pattern:  # the most frequent kind by far
        each = [one if one.__class__ is str else _row(one) for one in value.parts]
        return ["T", value.field, value.cased, *each]
    parts = _PARTS.get(kind)
    if parts is None:
        parts = _PARTS[kind] = _parts_of(kind)
    return [one if one.__class__ in _SELF else _row(one) for one in parts(value)]


def _sentence(value: Sentence) -> list[object]:
    if not value.key and set(value.values) == {"zh", "en"}:
        return ["L", value.values["zh"], value.values["en"]]
    return ["fengsui.text:Text", value.key, value.values]


_SELF = frozenset({str, bool, int, type(None)})
_PARTS: dict[type, Callable[[Any], list[object]]] = {
    tuple: lambda value: ["(", *value],
    list: lambda value: ["[", *value],
    dict: lambda value: ["{", *chain.from_iterable(value.items())],
    frozenset: lambda value: ["<", *sorted(value, key=repr)],
    float: lambda value: ["~", value.hex()],
    PosixPath: lambda value: ["/", str(value)],
    Sentence: _sentence,
}


def _parts_of(kind: type) -> Callable[[Any], list[object]]:
    """What of a class is written: its tag and the arguments that make it again."""
    tag = f"{kind.__module__}:{kind.__name__}"
    if tag not in _CLASSES:
        raise FrozenError(f"a {kind.__name__} has no frozen form")
    if issubclass(kind, Enum):
        return lambda value: [tag, value.value]
    names = tuple(one.name for one in fields(cast("Any", kind)))
    if not names:
        return lambda _value: [tag]
    return lambda value: [tag, *[getattr(value, name) for name in names]]
