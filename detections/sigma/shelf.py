"""Shelf: loaded rules as bytes, each made again only when somebody asks for it.

A hunt needs the head of every rule (what a hit is called, what it looks at) and its sketch; of thousands
of conditions it needs a few. A shelf keeps heads and sketches as rows of plain values and the whole of
each rule frozen beside them, its condition by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol, cast, overload

import orjson

from detections.sigma.conditions import ALWAYS, Condition
from detections.sigma.frozen import FrozenError, frozen, thawed
from detections.sigma.loaded import Loaded, LoadedRule
from detections.sigma.mapping import Logsource
from detections.sigma.sketch import Sketch, sketch_of
from fengsui.severity import Severity
from fengsui.text import Text, literal

# id, name, title (zh, en), level, log source, path, line, author, licence; then the sketch: fields,
# literals (null: none), `when` frozen ("" for always).
Row = list[Any]
Frozen = bytes | memoryview
_LENGTH = 8  # bytes that say how long the index is


class Head(Protocol):
    """What a rule is called and looks at; a `LoadedRule` is one."""

    @property
    def id(self) -> str: ...  # noqa: D102 - see LoadedRule
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> Text: ...  # noqa: D102
    @property
    def severity(self) -> Severity: ...  # noqa: D102
    @property
    def logsource(self) -> Logsource: ...  # noqa: D102
    @property
    def path(self) -> Path: ...  # noqa: D102
    @property
    def line(self) -> int: ...  # noqa: D102
    @property
    def author(self) -> str: ...  # noqa: D102
    @property
    def licence(self) -> str: ...  # noqa: D102


class ShelvedRule:
    """One rule of a shelf: its head at hand, the rest on request.

    Attributes:
        row: what is at hand.
        frozen: its condition, and the rule without it.
    """

    __slots__ = ("_made", "frozen", "id", "logsource", "name", "row", "severity")

    def __init__(self, row: Row, condition: Frozen, rest: Frozen) -> None:
        self.row, self.frozen = row, (condition, rest)
        self.id: str = row[0]
        self.name: str = row[1]
        self.severity = Severity(row[4])
        self.logsource = _logsource(*row[5])
        self._made: LoadedRule | None = None

    @property
    def title(self) -> Text:
        """In both languages."""
        return literal(self.row[2], self.row[3])

    @property
    def path(self) -> Path:
        """Of its file."""
        return Path(self.row[6])

    @property
    def line(self) -> int:
        """In its file, from 1."""
        line: int = self.row[7]
        return line

    @property
    def author(self) -> str:
        """As the rule names him."""
        author: str = self.row[8]
        return author

    @property
    def licence(self) -> str:
        """Of the rule or its folder."""
        licence: str = self.row[9]
        return licence

    def sketch(self) -> Sketch:
        """Of its condition."""
        fields, literals, when = self.row[10:13]
        return Sketch(
            tuple(fields),
            _when(when) if when else ALWAYS,
            None if literals is None else frozenset(map(str.encode, literals)),
        )

    def whole(self) -> LoadedRule:
        """The rule itself; the same object each time."""
        if self._made is None:
            made = thawed(self.frozen[1])
            if not isinstance(made, LoadedRule):
                raise FrozenError("a shelf of something else than rules")
            self._made = replace(made, condition=self.condition())
        return self._made

    def condition(self) -> Condition:
        """That of the rule, which is all that most hunts need of it."""
        if self._made is not None:
            return self._made.condition
        condition: Condition = thawed(self.frozen[0])
        return condition


_logsource = cache(Logsource)  # rules share some hundred


@lru_cache(maxsize=4096)
def _when(text: str) -> Condition:
    """One object for what many sketches say of routing fields."""
    condition: Condition = thawed(text.encode())
    return condition


class ShelvedRules(Sequence[LoadedRule]):
    """Rules of a shelf; `heads` by the same numbers."""

    def __init__(self, heads: Sequence[ShelvedRule]) -> None:
        self.heads = heads

    def __len__(self) -> int:
        return len(self.heads)

    @overload
    def __getitem__(self, index: int) -> LoadedRule: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[LoadedRule]: ...
    def __getitem__(self, index: int | slice) -> LoadedRule | Sequence[LoadedRule]:
        if isinstance(index, slice):
            return [head.whole() for head in self.heads[index]]
        return self.heads[index].whole()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(cast("Sequence[object]", other))

    def __hash__(self) -> int:
        return hash(tuple(self))


def heads_of(rules: Sequence[LoadedRule]) -> Sequence[Head]:
    """The heads of rules, on a shelf or not."""
    return rules.heads if isinstance(rules, ShelvedRules) else rules


def row_of(rule: LoadedRule) -> Row:
    """What a shelf keeps of a rule besides its whole.

    Raises:
        FrozenError: its title is a sentence of the catalogue.
    """
    if rule.title.key:
        raise FrozenError("the title of a rule is a text")
    sketch = sketch_of(rule.condition)
    source = rule.logsource
    literals = sketch.literals
    return [
        rule.id,
        rule.name,
        rule.title.render("zh"),
        rule.title.render("en"),
        int(rule.severity),
        [source.product, source.category, source.service],
        str(rule.path),
        rule.line,
        rule.author,
        rule.licence,
        sketch.fields,
        None if literals is None else [one.decode("ascii") for one in sorted(literals)],
        "" if sketch.when == ALWAYS else frozen(sketch.when).decode(),
    ]


def shelved(rule: LoadedRule) -> ShelvedRule:
    """The same rule for a shelf.

    Raises:
        FrozenError: it has no frozen form.
    """
    rest = replace(rule, condition=ALWAYS)
    return ShelvedRule(row_of(rule), frozen(rule.condition), frozen(rest))


def bound(rules: Sequence[ShelvedRule], rest: object) -> bytes:
    """Rules, and anything else that has a frozen form, as bytes.

    Raises:
        FrozenError: it has none.
    """
    parts = [part for rule in rules for part in rule.frozen]
    try:
        index = orjson.dumps(
            [[rule.row for rule in rules], [*map(len, parts)], frozen(rest).decode()]
        )
    except orjson.JSONEncodeError as error:
        raise FrozenError(str(error)) from error
    return b"".join([len(index).to_bytes(_LENGTH), index, *parts])


def unbound(data: bytes | memoryview) -> tuple[list[ShelvedRule], Any]:
    """The same again.

    Raises:
        FrozenError: the bytes are not what `bound` gives.
    """
    at = _LENGTH + int.from_bytes(data[:_LENGTH])
    view = memoryview(data)
    try:
        rows, sizes, rest = orjson.loads(view[_LENGTH:at])
        rules: list[ShelvedRule] = []
        each = iter(sizes)
        for row, size, more in zip(rows, each, each, strict=True):
            middle, end = at + size, at + size + more
            rules.append(ShelvedRule(row, view[at:middle], view[middle:end]))
            at = end
        return rules, thawed(rest.encode())
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise FrozenError(f"no shelf: {error}") from error


def packed(loaded: Loaded) -> bytes:
    """All that was loaded, as bytes.

    Raises:
        FrozenError: it has no frozen form.
    """
    rules = loaded.rules
    heads = rules.heads if isinstance(rules, ShelvedRules) else [shelved(one) for one in rules]
    return bound(heads, (loaded.refused, loaded.correlations))


def unpacked(data: bytes | memoryview) -> Loaded:
    """The same again.

    Raises:
        FrozenError: the bytes are not what `packed` gives.
    """
    rules, (refused, correlations) = unbound(data)
    return Loaded(ShelvedRules(rules), refused, correlations)
