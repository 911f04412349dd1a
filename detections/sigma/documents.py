"""Documents: YAML text → plain values that know their lines, read with bounds.

A rule file is written by strangers, so it is read event by event: depth and size are bounded while
they grow, an alias costs what it unfolds to, and one broken document does not hide its neighbours.
Most files are written so plainly that their lines are enough (`quick_documents`).
Scalars are read as YAML 1.1 does in the whole Sigma ecosystem (`yes` is true), except that what is
no number on sight stays text: times, dates, `0755`, `12:30`, `.nan`, numbers of 21 digits and more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from detections.sigma.containers import Items, Map, read_plain, spelling
from detections.sigma.faults import WrongRule
from detections.sigma.quick_documents import quick_document
from detections.sigma.scalars import resolved

__all__ = [
    "DEEPEST",
    "MOST_VALUES",
    "Document",
    "Items",
    "Map",
    "documents",
    "plain",
    "read_by_event",
]

DEEPEST = 60  # levels of maps and lists
MOST_VALUES = 100_000  # values of one document, aliases unfolded; the largest public rule has 4,457

_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_PREFIX = "tag:yaml.org,2002:"
_AS_WRITTEN = {"!", _PREFIX + "str", _PREFIX + "timestamp"}
_RESOLVED = {_PREFIX + name for name in ("int", "float", "bool", "null")}
_MERGE = "<<"
_CONTAINERS = {"!", _PREFIX + "map", _PREFIX + "seq"}


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document; `line` (from 1) is where its content begins."""

    content: object
    line: int


def documents(text: str) -> Iterator[Document | WrongRule]:
    """The documents of a YAML text, and a fault for each that cannot be read."""
    quick = quick_document(text)
    if quick is not None:
        yield Document(quick, quick.line)
        return
    yield from read_by_event(text)


def read_by_event(text: str) -> Iterator[Document | WrongRule]:
    """The same for any text."""
    for part, first in _parts(text):
        try:
            yield from _read(part, first)
        except WrongRule as fault:
            yield fault
        except yaml.YAMLError as error:
            yield _not_yaml(error, part, first)
        except ValueError as error:  # a lone surrogate, which only a caller's text can hold
            yield WrongRule(f"not YAML: {error}", first + 1)


def plain(value: object) -> Any:
    """The same value in maps and lists of Python's own, nothing shared."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [plain(one) for one in cast("list[object]", value)]
    return value


def _parts(text: str) -> Iterator[tuple[str, int]]:
    """Text of each document and the lines before it, so that a broken one hides no other."""
    if "\n---" not in text or text.startswith("%") or "\n%" in text:
        yield text, 0
        return
    starts = [0, *(found.start() for found in _SEPARATOR.finditer(text) if found.start())]
    line = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield text[start:end], line
        line += text.count("\n", start, end)


def _not_yaml(error: yaml.YAMLError, text: str, first: int) -> WrongRule:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    if mark is not None:
        number = int(mark.line)
        lines = text.splitlines()
        if "cannot start any token" in problem and "\t" in "".join(lines[number : number + 1]):
            problem += "; a tab is no indentation in YAML, use spaces"
    else:
        number = text.count("\n", 0, getattr(error, "position", 0) or 0)
    return WrongRule(f"not YAML: {problem}", first + number + 1)


def _read(text: str, first: int) -> Iterator[Document]:
    loader = yaml.CSafeLoader(text)
    get: Callable[[], Any] = loader.get_event
    reader = _Reader(first)
    while (event := get()) is not None:
        kind = event.__class__
        if kind is ScalarEvent:
            reader.scalar(event)
        elif kind is MappingStartEvent:
            reader.begin(event, Map)
        elif kind is SequenceStartEvent:
            reader.begin(event, Items)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            reader.end()
        elif kind is AliasEvent:
            reader.alias(event)
        elif kind is DocumentEndEvent and reader.root:
            yield Document(*reader.root)
            reader = _Reader(first)


class _Reader:
    """Builds the value of one document; `root` is it with its line, once it is there."""

    def __init__(self, first: int) -> None:
        self.root: tuple[object, int] | None = None
        self._first = first + 1
        self._top: Map | Items | None = None  # the innermost container that is open …
        self._key: str | None = None  # … and the key in it that waits for its value
        self._merges: list[Any] | None = None  # values of `<<` in it
        self._outer: list[tuple[Map | Items | None, str | None, list[Any] | None]] = []
        self._anchors: dict[str, tuple[object, str | None]] = {}

    def scalar(self, event: Any) -> None:
        text: str = event.value
        line = event.start_mark.line + self._first
        top = self._top
        if self._key is None and top.__class__ is Map:
            self._take_key(text, line, plain_scalar=event.implicit[0])
            if event.anchor:
                self._anchors[event.anchor] = text, None
            return
        value: object = text
        written = None
        if event.tag is not None:
            value = self._typed(event.tag, text, line)
            written = spelling(value, text)
        elif event.implicit[0]:
            value, written = read_plain(text)
        if event.anchor:
            self._anchors[event.anchor] = value, written
        if written is not None or top is None or top.size >= MOST_VALUES or self._key == _MERGE:
            self._put(value, 1, line, written)
            return
        top.size += 1  # the usual case, in short
        if isinstance(top, Items):
            top.append(value)
            top.lines.append(line)
        else:
            top[self._key or ""] = value
            self._key = None

    def begin(self, event: Any, kind: type[Map] | type[Items]) -> None:
        line = event.start_mark.line + self._first
        if self._key is None and self._top.__class__ is Map:
            raise WrongRule("a key is a text, not a map or a list", line)
        if event.tag is not None and event.tag not in _CONTAINERS:
            raise WrongRule(f"the tag {event.tag} is not read in rules", line)
        if len(self._outer) >= DEEPEST:
            raise WrongRule(f"nested deeper than {DEEPEST} levels", line)
        container = kind(line)
        if event.anchor:
            self._anchors[event.anchor] = container, None
        self._outer.append((self._top, self._key, self._merges))
        self._top, self._key, self._merges = container, None, None

    def end(self) -> None:
        container = cast("Map | Items", self._top)
        for merged in self._merges or ():
            _merge(cast("Map", container), merged)
        self._top, self._key, self._merges = self._outer.pop()
        self._put(container, container.size, container.line, None)

    def alias(self, event: Any) -> None:
        line = event.start_mark.line + self._first
        if event.anchor not in self._anchors:
            raise WrongRule(f"the alias *{event.anchor} has no anchor before it", line)
        value, written = self._anchors[event.anchor]
        if value is self._top or any(value is one[0] for one in self._outer[1:]):
            raise WrongRule(f"the alias *{event.anchor} stands inside its own anchor", line)
        if self._key is None and self._top.__class__ is Map:
            if not isinstance(value, str):
                raise WrongRule("a key is a text, not a map or a list", line)
            self._take_key(value, line, plain_scalar=False)
            return
        self._put(value, value.size if isinstance(value, Map | Items) else 1, line, written)

    def _typed(self, tag: str, text: str, line: int) -> object:
        if tag in _RESOLVED:
            return resolved(text)
        if tag in _AS_WRITTEN:
            return text
        raise WrongRule(f"the tag {tag} is not read in rules", line)

    def _take_key(self, text: str, line: int, *, plain_scalar: bool) -> None:
        self._key = text
        if plain_scalar and text == _MERGE:
            self._merges = self._merges or []
            return
        lines = cast("Map", self._top).lines
        if text in lines:
            raise WrongRule(
                f"the key {text!r} stands twice in one map, first on line {lines[text]}", line
            )
        lines[text] = line

    def _put(self, value: object, size: int, line: int, written: str | None) -> None:
        top = self._top
        if top is None:
            self.root = value, line
            return
        top.size += size
        if top.size > MOST_VALUES:
            _too_large(line)
        if isinstance(top, Items):
            if written is not None:
                top.written[len(top)] = written
            top.append(value)
            top.lines.append(line)
            return
        key = cast("str", self._key)
        self._key = None
        if key == _MERGE and key not in top.lines and self._merges is not None:
            many = value if isinstance(value, Items) else [value]
            if not all(isinstance(one, Map) for one in many):
                raise WrongRule("<< takes a map, or a list of maps", line)
            self._merges += many
            return
        top[key] = value
        if written is not None:
            top.written[key] = written


def _too_large(line: int) -> NoReturn:
    raise WrongRule(f"it unfolds to more than {MOST_VALUES} values", line)


def _merge(into: Map, other: Map) -> None:
    """YAML's merge key: names that the map does not have itself."""
    for name, value in other.items():
        if name not in into:
            into[name] = value
            into.lines[name] = other.lines[name]
            if name in other.written:
                into.written[name] = other.written[name]
