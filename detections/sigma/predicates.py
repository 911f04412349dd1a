"""Predicates: conditions as closures over an event that is looked at once.

Text tests of one field that belong to the same group become one test with sets and tuples, so that
a rule with two hundred endings costs one `str.endswith`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from detections.sigma.conditions import (
    ANY_FIELD,
    All,
    Always,
    Compare,
    Condition,
    Leaf,
    Missing,
    Network,
    Never,
    Not,
    Number,
    Parts,
    Present,
    Regex,
    SameAs,
    Some,
    Text,
    TimePart,
    Truth,
)
from detections.sigma.patterns import TextTest, as_written, lowered, text_test
from detections.sigma.values import (
    as_number,
    as_text,
    in_order,
    is_null,
    leaf_search,
    network_test,
    scalars,
    time_part,
)


class View:
    """An event's fields with the texts of each field made once."""

    __slots__ = ("_lowered", "_texts", "fields")

    def __init__(self, fields: Mapping[str, object]) -> None:
        self.fields = fields
        self._texts: dict[str, tuple[str, ...]] = {}
        self._lowered: dict[str, tuple[str, ...]] = {}

    def texts(self, field: str) -> tuple[str, ...]:
        """Values of a field as text; of all fields for the empty name; empty where it is absent."""
        known = self._texts.get(field)
        if known is None:
            known = self._texts[field] = self._read(field)
        return known

    def lowered(self, field: str) -> tuple[str, ...]:
        """The same in lower case."""
        known = self._lowered.get(field)
        if known is None:
            known = self._lowered[field] = tuple([text.lower() for text in self.texts(field)])
        return known

    def is_lowered(self, field: str) -> bool:
        """Whether the texts of a field were asked for in lower case before."""
        return field in self._lowered

    def _read(self, field: str) -> tuple[str, ...]:
        if field == ANY_FIELD:
            values = [one for value in self.fields.values() for one in scalars(value)]
        else:
            value = self.fields.get(field)
            if isinstance(value, str):
                return (value,)
            values = scalars(value)
        return tuple([text for text in map(as_text, values) if text is not None])


Predicate = Callable[[View], object]
_LONG = 512  # characters of a text that is not lowered without need
_QUICK = 8  # needles that are looked for as they are written


def compiled(condition: Condition) -> Predicate:
    """A predicate that is true of exactly the events that the condition holds for."""
    match condition:
        case Always():
            return lambda _view: True
        case Never():
            return lambda _view: False
        case Not(child):
            inner = compiled(child)
            return lambda view: not inner(view)
        case All(children):
            return _all_of([compiled(child) for child in sorted(children, key=_cost)])
        case Some(children):
            return _some_of(_grouped(children))
        case _:
            return _leaf(condition)


def _cost(condition: Condition) -> int:
    """Order of evaluation inside a group: cheap and selective ones first."""
    match condition:
        case Number() | Truth() | Present() | Missing():
            return 0
        case Text(field, parts):
            return 9 if field == ANY_FIELD else 1 if len(parts) == 1 else 2
        case Regex():
            return 8
        case All(children) | Some(children):
            return 3 + max(map(_cost, children), default=0)
        case Not(child):
            return 4 + _cost(child)
        case _:
            return 3


def _all_of(tests: list[Predicate]) -> Predicate:
    if len(tests) == 2:
        first, second = tests
        return lambda view: first(view) and second(view)

    def every(view: View) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more than the tests
            if not test(view):
                return False
        return True

    return every


def _some_of(tests: list[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]

    def some(view: View) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more than the tests
            if test(view):
                return True
        return False

    return some


def _grouped(children: tuple[Condition, ...]) -> list[Predicate]:
    """Predicates of alternatives: numbers and texts of one field together, the rest one by one."""
    texts: dict[tuple[str, bool], list[Parts]] = {}
    numbers: dict[str, list[int | float]] = {}
    rest: list[Condition] = []
    for child in children:
        match child:
            case Text(field, parts, cased):
                texts.setdefault((field, cased), []).append(parts)
            case Number(field, value) if field != ANY_FIELD:
                numbers.setdefault(field, []).append(value)
            case _:
                rest.append(child)
    tests = [_one_of_numbers(field, values) for field, values in numbers.items()]
    tests += [_one_of_texts(field, cased, parts) for (field, cased), parts in texts.items()]
    return tests + [compiled(child) for child in sorted(rest, key=_cost)]


def _one_of_numbers(field: str, values: list[int | float]) -> Predicate:
    known = frozenset(values)
    written = frozenset(as_text(value) for value in values)

    def fits(value: object) -> bool:
        if isinstance(value, bool):
            return False
        return value in (written if isinstance(value, str) else known)

    def test(view: View) -> bool:
        value = view.fields.get(field)
        if isinstance(value, list):
            return any(fits(one) for one in scalars(value) if not isinstance(one, list | dict))
        return not isinstance(value, dict) and fits(value)

    return test


def _one_of_texts(field: str, cased: bool, patterns: list[Parts]) -> Predicate:
    test = text_test([parts if cased else lowered(parts) for parts in patterns])
    worded = any(isinstance(part, str) for parts in patterns for part in parts)
    read = View.lowered if worded and not cased else View.texts

    def matches(view: View) -> bool:
        for text in read(view, field):  # noqa: SIM110 - a generator costs more than the tests
            if test(text):
                return True
        return False

    needles = () if cased else as_written(patterns)
    if not 0 < len(needles) <= _QUICK:
        return matches

    def quickly(view: View) -> bool:
        """To lower a long text takes longer than to find in it what stands there as the rule says."""
        if not view.is_lowered(field):
            for text in view.texts(field):
                if len(text) > _LONG:
                    for needle in needles:
                        if needle in text:
                            return True
        return matches(view)

    return quickly


def _leaf(leaf: Leaf) -> Predicate:
    match leaf:
        case Text(field, parts, cased):
            return _one_of_texts(field, cased, [parts])
        case Number(field, value) if field != ANY_FIELD:
            return _one_of_numbers(field, [value])
        case Missing(field):
            return lambda view: is_null(view.fields.get(field))
        case Present(field):
            return lambda view: field in view.fields
        case Regex(field):
            return _any_text(field, leaf_search(leaf))
        case Network(field, cidr):
            return _any_text(field, network_test(cidr))
        case SameAs():
            return _same_as(leaf)
        case _:
            return _any_value(leaf.field, _value_test(leaf))


def _value_test(leaf: Number | Truth | Compare | TimePart) -> Callable[[object], bool]:
    match leaf:
        case Number(_, value):
            written = as_text(value)
            return lambda one: not isinstance(one, bool) and one in (value, written)
        case Truth(_, value):
            word = "true" if value else "false"
            return lambda one: (as_text(one) or "").lower() == word
        case Compare(_, operator, limit):

            def compare(one: object) -> bool:
                number = as_number(one)
                return number is not None and in_order(operator, number, limit)

            return compare
        case TimePart(_, unit, value, order):
            if order is None:
                return lambda one: time_part(one, unit) == value
            wanted = order

            def stands(one: object) -> bool:
                part = time_part(one, unit)
                return part is not None and in_order(wanted, part, value)

            return stands


def _any_value(field: str, test: Callable[[object], bool]) -> Predicate:
    if field == ANY_FIELD:
        return lambda view: any(
            test(one) for value in view.fields.values() for one in scalars(value)
        )

    def matches(view: View) -> bool:
        value = view.fields.get(field)
        if isinstance(value, list):
            return any(map(test, cast("list[object]", value)))
        return value is not None and test(value)

    return matches


def _any_text(field: str, test: TextTest) -> Predicate:
    def matches(view: View) -> bool:
        for text in view.texts(field):  # noqa: SIM110 - a generator costs more than the tests
            if test(text):
                return True
        return False

    return matches


def _same_as(leaf: SameAs) -> Predicate:
    field, other = leaf.field, leaf.other
    read = View.texts if leaf.cased else View.lowered
    if leaf.starts and leaf.ends:
        return lambda view: any(o in t for t in read(view, field) for o in read(view, other))
    if leaf.starts:
        return lambda view: any(t.startswith(read(view, other)) for t in read(view, field))
    if leaf.ends:
        return lambda view: any(t.endswith(read(view, other)) for t in read(view, field))
    return lambda view: any(t in read(view, other) for t in read(view, field))
