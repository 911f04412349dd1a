"""Predicates: conditions as closures over an event that is looked at once.

Text tests of one field that belong to the same group become one test with sets and tuples, so that
a rule with two hundred endings costs one `str.endswith`.
"""

from __future__ import annotations

from collections.abc import Callable
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
from detections.sigma.literals import texts_of
from detections.sigma.patterns import first
from detections.sigma.text_tests import Predicate, View, after_texts, any_of, one_of_texts
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

__all__ = ["Predicate", "View", "compiled"]


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
            return _all_of([_part(child) for child in sorted(children, key=_cost)])
        case Some(children):
            return _some_of(_grouped(children))
        case _:
            return _leaf(condition)


def _part(child: Condition) -> Predicate:
    """The predicate of a child; of a group it is made when it is first asked: most are never reached."""
    if not isinstance(child, All | Some | Not):
        return compiled(child)
    made: Predicate | None = None

    def test(view: View) -> object:
        nonlocal made
        if made is None:
            made = compiled(child)
        return made(view)

    return test


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
        one, other = tests
        return lambda view: one(view) and other(view)

    order = tuple(tests)

    def every(view: View) -> bool:
        nonlocal order
        for test in order:
            if not test(view):
                if test is not order[0]:
                    order = first(test, order)
                return False
        return True

    return every


def _some_of(tests: list[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]

    order = tuple(tests)

    def some(view: View) -> bool:
        nonlocal order
        for test in order:
            if test(view):
                if test is not order[0]:
                    order = first(test, order)
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
    tests += [one_of_texts(field, cased, parts) for (field, cased), parts in texts.items()]
    return tests + [_part(child) for child in sorted(rest, key=_cost)]


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


def _leaf(leaf: Leaf) -> Predicate:
    match leaf:
        case Text(field, parts, cased):
            return one_of_texts(field, cased, [parts])
        case Number(field, value) if field != ANY_FIELD:
            return _one_of_numbers(field, [value])
        case Missing(field):
            return lambda view: is_null(view.fields.get(field))
        case Present(field):
            return lambda view: field in view.fields
        case Regex(field):
            return any_of(View.texts, field, after_texts(texts_of(leaf), leaf_search(leaf)))
        case Network(field, cidr):
            return any_of(View.texts, field, network_test(cidr))
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
