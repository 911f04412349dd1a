"""Patterns: many text patterns as one test of a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from detections.sigma.conditions import Parts, Wild
from detections.sigma.values import wildcard_match

T = TypeVar("T")
TextTest = Callable[[str], object]
_IN_SETS = 6  # words a length that make sets quicker than one after the other


def lowered(parts: Parts) -> Parts:
    """The same pattern in lower case."""
    return tuple(part.lower() if isinstance(part, str) else part for part in parts)


def text_test(patterns: list[Parts]) -> TextTest:
    """Whether a text matches one of the patterns: sets and tuples for what they can do."""
    equal: set[str] = set()
    starts: list[str] = []
    ends: list[str] = []
    inside: list[str] = []
    others: list[TextTest] = []
    for parts in patterns:
        match parts:
            case ():
                equal.add("")
            case (str(text),):
                equal.add(text)
            case (str(text), Wild.MANY):
                starts.append(text)
            case (Wild.MANY, str(text)):
                ends.append(text)
            case (Wild.MANY, str(text), Wild.MANY):
                inside.append(text)
            case _:
                others.append(wildcard_match(parts))
    return _combined(frozenset(equal), tuple(starts), tuple(ends), inside, others)


def _combined(
    equal: frozenset[str],
    starts: tuple[str, ...],
    ends: tuple[str, ...],
    inside: list[str],
    others: list[TextTest],
) -> TextTest:
    tests: list[TextTest] = []
    if equal:
        tests.append(equal.__contains__)
    if starts:
        tests.append(_edge(starts, at_end=False))
    if ends:
        tests.append(_edge(ends, at_end=True))
    if inside:
        tests.append(_contains_one(inside))
    tests += others
    if len(tests) == 1:
        return tests[0]
    return lambda text: any(test(text) for test in tests)


def _edge(words: tuple[str, ...], *, at_end: bool) -> TextTest:
    """Whether a text begins or ends with one of these; of many, by length in sets."""
    by_length: dict[int, set[str]] = {}
    for word in words:
        by_length.setdefault(len(word), set()).add(word)
    if len(words) < _IN_SETS * len(by_length):
        if at_end:
            return lambda text: text.endswith(words)
        return lambda text: text.startswith(words)
    sets = [
        (slice(-length, None) if at_end else slice(length), frozenset(known))
        for length, known in sorted(by_length.items())
    ]

    def test(text: str) -> bool:
        for part, known in sets:  # noqa: SIM110 - a generator costs more than the tests
            if text[part] in known:
                return True
        return False

    return test


def inside(patterns: list[Parts]) -> list[str]:
    """What patterns of `*text*` look for, in lower case; nothing where one does more, or is not ASCII."""
    found = [
        parts[1].lower()
        for parts in patterns
        if len(parts) == 3
        and parts[0] is parts[2] is Wild.MANY
        and isinstance(parts[1], str)
        and parts[1].isascii()
    ]
    return found if len(found) == len(patterns) else []


def _contains_one(needles: list[str]) -> TextTest:
    """Whether a text holds one of these; needles beyond ASCII are not looked for where there is none."""
    plain = [needle for needle in needles if needle.isascii()]
    others = [needle for needle in needles if not needle.isascii()]
    if not others:
        return _contains_plain(plain)
    beyond = _contains_plain(others)
    if not plain:
        return lambda text: not text.isascii() and beyond(text)
    within = _contains_plain(plain)
    return lambda text: within(text) or (not text.isascii() and beyond(text))


def _contains_plain(needles: list[str]) -> TextTest:
    if len(needles) == 1:
        needle = needles[0]
        return lambda text: needle in text
    order = tuple(needles)

    def test(text: str) -> bool:
        nonlocal order
        for needle in order:
            if needle in text:
                if needle is not order[0]:
                    order = first(needle, order)
                return True
        return False

    return test


def first(one: T, order: tuple[T, ...]) -> tuple[T, ...]:
    """The same with one of them moved to the front: what decided an event will decide the next."""
    return (one, *[other for other in order if other is not one])
