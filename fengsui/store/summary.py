"""Aggregates over events in memory: the oracle of every store, and its answer where it has no other.

Values compare as in `fengsui.query.values`; a value counts once for each event that has it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from fengsui.clock import from_iso
from fengsui.errors import InputError
from fengsui.query.match import texts_of
from fengsui.query.values import conforms, field_type, fold, number_of, values_of
from fengsui.store.event_store import (
    Aggregation,
    Bucket,
    Cardinality,
    Histogram,
    Percentiles,
    Terms,
)

MOST_TERMS: Final = 10_000
MOST_BUCKETS: Final = 100_000
_NUMBERS: Final = frozenset({"long", "float"})
Fields = Mapping[str, object]


def check(how: Aggregation) -> None:
    """Raise InputError where bounds are exceeded or the field cannot be summed up so."""
    match how:
        case Terms(_, size, then):
            if not 0 < size <= MOST_TERMS:
                raise InputError("The number of terms is out of range", next="Ask for 1 to 10,000")
            _check_inner(then)
        case Histogram(interval, then):
            if interval <= 0:
                raise InputError("The interval of a histogram must be longer than nothing")
            _check_inner(then)
        case Percentiles(field, percents):
            if field_type(field) not in _NUMBERS:
                raise InputError(
                    f"{field[:100]} is no number, so it has no percentiles",
                    next="Name a field of type long or float",
                )
            if not percents or not all(0 < one <= 100 for one in percents):
                raise InputError("A percent is out of range", next="Give numbers in (0, 100]")
        case Cardinality():
            pass


def _check_inner(then: Terms | Histogram | None) -> None:
    if then is None:
        return
    if then.then is not None:
        raise InputError("An aggregate is two deep at most", next="Leave out the innermost")
    check(then)


def summarise(events: Iterable[Fields], how: Aggregation) -> list[Bucket]:
    """The aggregate of these events.

    Raises:
        InputError: as `check`, or too many intervals.
    """
    check(how)
    match how:
        case Cardinality(field):
            distinct = {key for fields in events for key in terms_of(field, fields)}
            return [Bucket(field, len(distinct))]
        case Percentiles(field, percents):
            numbers = Counter(one for fields in events for one in _numbers(field, fields))
            return ranked(numbers, percents)
        case Histogram(interval, then):
            times: dict[Any, list[Fields]] = defaultdict(list)
            for fields in events:
                times[from_iso(str(fields["@timestamp"])) // interval * interval].append(fields)
            counts = {start: len(members) for start, members in times.items()}
            return [
                _with_inner(bucket, then, times.get(bucket.key, []))
                for bucket in filled(counts, interval)
            ]
        case Terms(field, size, then):
            groups: dict[str, list[Fields]] = defaultdict(list)
            spellings: dict[str, str] = {}
            for fields in events:
                for folded, text in terms_of(field, fields).items():
                    groups[folded].append(fields)
                    spellings[folded] = min(text, spellings.get(folded, text))
            chosen = sorted(groups, key=lambda key: (-len(groups[key]), key))[:size]
            return [
                _with_inner(
                    Bucket(typed_key(field, spellings[key]), len(groups[key])), then, groups[key]
                )
                for key in chosen
            ]


def terms_of(field: str, fields: Fields) -> dict[str, str]:
    """Folded value → its spelling, for one event."""
    found: dict[str, str] = {}
    for text in texts_of(field, fields):
        folded = fold(text)
        found[folded] = min(text, found.get(folded, text))
    return found


def typed_key(field: str, text: str) -> str | int:
    """A term as buckets show it: the number for fields of numbers."""
    if field_type(field) != "long":
        return text
    try:
        return int(text)
    except ValueError:
        return text


def filled(counts: Mapping[int, int], interval: int) -> list[Bucket]:
    """A histogram with its empty intervals.

    Raises:
        InputError: code `bad_interval`, when there would be more than 100,000.
    """
    if not counts:
        return []
    first, last = min(counts), max(counts)
    if (last - first) // interval >= MOST_BUCKETS:
        raise InputError(
            "The histogram would have too many intervals",
            next="Widen the interval or narrow the time range",
            code="bad_interval",
        )
    return [
        Bucket(start, counts.get(start, 0)) for start in range(first, last + interval, interval)
    ]


def ranked(numbers: Mapping[float, int], percents: Iterable[float]) -> list[Bucket]:
    """Percentiles by nearest rank of value → how often; none where there is no value."""
    total = sum(numbers.values())
    ordered = sorted(numbers.items())
    found: list[Bucket] = []
    for percent in percents if total else ():
        rank, seen = max(1, math.ceil(percent * total / 100)), 0
        for value, count in ordered:
            seen += count
            if seen >= rank:
                found.append(Bucket(f"{percent:g}", total, value=value))
                break
    return found


def _numbers(field: str, fields: Fields) -> list[float]:
    value = fields.get(field)
    if value is None or not conforms(field, value):
        return []
    found = [number_of(one, field_type(field)) for one in values_of(value)]
    return [one for one in found if one is not None]


def _with_inner(bucket: Bucket, then: Terms | Histogram | None, events: list[Fields]) -> Bucket:
    inner = tuple(summarise(events, then)) if then else ()
    return replace(bucket, inner=inner)
