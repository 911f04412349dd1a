"""Text tests: an event that is looked at once, and what is asked of the texts of its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from detections.sigma.conditions import ANY_FIELD, Parts
from detections.sigma.patterns import TextTest, first, inside, lowered, text_test
from detections.sigma.values import as_text, scalars

_LONG = 512  # characters of a text that is not lowered without need


class View:
    """An event's fields with the texts of each field made once."""

    __slots__ = ("_lowered", "_texts", "fields", "low")

    def __init__(self, fields: Mapping[str, object]) -> None:
        self.fields = fields
        self.low: dict[str, str] = {}  # values in lower case of fields that are one text
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


def one_of_texts(field: str, cased: bool, patterns: list[Parts]) -> Predicate:
    """Whether a value of a field matches one of these patterns."""
    test = text_test([parts if cased else lowered(parts) for parts in patterns])
    worded = any(isinstance(part, str) for parts in patterns for part in parts)
    if cased or not worded or field == ANY_FIELD:
        return any_of(View.lowered if worded and not cased else View.texts, field, test)

    def matches(view: View) -> object:
        text = view.low.get(field)
        if text is None:
            value = view.fields.get(field)
            if not isinstance(value, str):
                return any(map(test, view.lowered(field)))
            text = view.low[field] = value.lower()
        return test(text)

    needles = inside(patterns)
    return _quickly(field, needles, matches) if needles else matches


def _quickly(field: str, needles: Sequence[str], matches: Predicate) -> Predicate:
    """To lower a long text takes longer than to find in it what was in the one before, as it stood there.

    Args:
        field: that is looked at.
        needles: ASCII, in lower case; one of them inside the text makes `matches` true.
        matches: the whole test.
    """
    recent = needles[0]

    def test(view: View) -> object:
        nonlocal recent
        text = view.fields.get(field)
        if not isinstance(text, str) or len(text) <= _LONG or field in view.low:
            return matches(view)
        if recent in text:
            return True
        if not matches(view):
            return False
        low = view.low[field]
        at, size = next((low.find(one), len(one)) for one in needles if one in low)
        if len(low) == len(text):
            recent = text[at : at + size]
        return True

    return test


def after_texts(sets: tuple[tuple[str, ...], ...], search: TextTest) -> TextTest:
    """The search where one text of each set stands: most values lack one, and that is told sooner."""
    if not sets:
        return search
    order = sets

    def test(text: str) -> object:
        nonlocal order
        for needles in order:
            for needle in needles:
                if needle in text:
                    break
            else:
                order = first(needles, order)
                return False
        return search(text)

    return test


def any_of(read: Callable[[View, str], tuple[str, ...]], field: str, test: TextTest) -> Predicate:
    """Whether one of the texts of a field passes a test."""

    def matches(view: View) -> bool:
        for text in read(view, field):  # noqa: SIM110 - a generator costs more than the tests
            if test(text):
                return True
        return False

    return matches
