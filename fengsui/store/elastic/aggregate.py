"""Aggregates by the cluster; by hand over the events where the cluster cannot know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from fengsui.query.tree import Query
from fengsui.query.values import date_text, field_type, fold, text_of, values_of
from fengsui.store.elastic.condition import Dsl, translated
from fengsui.store.elastic.names import LOOSE, TIMES
from fengsui.store.elastic.search import DOUBT, Search, TimeUpError, doubtful, too_slow
from fengsui.store.event_store import (
    Aggregation,
    Bucket,
    Cardinality,
    Histogram,
    Percentiles,
    Stop,
    Terms,
    TimeRange,
)
from fengsui.store.salvage import TIME, registered
from fengsui.store.summary import check, filled, ranked, summarise, typed_key

_EXACT_TERMS: Final = 10_000
"""Terms that each shard counts: below that many different values, counts are exact."""
_COMPOSITE: Final = 10_000
_US: Final = 1_000  # ns
_TEXTS: Final = frozenset({"keyword", "text", "ip"})


def aggregate(
    search: Search, query: Query, how: Aggregation, within: TimeRange, stop: Stop
) -> list[Bucket]:
    """See `EventStore.aggregate`."""
    check(how)
    wide, doubt = translated(query, within)
    loose = {"terms": {LOOSE: _fields(how)}}
    body: Dsl = {
        "query": wide,
        "size": 0,
        "aggs": {DOUBT: {"filter": {"bool": {"should": [doubt, loose]}}}},
    }
    try:
        answer = search.ask(body, stop)
        if doubtful(answer) or not _is_native(how):
            events = (event.fields for event in search.scroll(query, within, stop))
            return summarise(events, how)
        return _Native(search, wide, stop).buckets(how)
    except TimeUpError as error:
        raise too_slow() from error


def _fields(how: Aggregation) -> list[str]:
    inner = _fields(how.then) if isinstance(how, Terms | Histogram) and how.then else []
    return inner if isinstance(how, Histogram) else [how.field, *inner]


def _is_native(how: Aggregation) -> bool:
    """Whether the cluster counts in the same steps: its times are in microseconds."""
    if isinstance(how, Histogram):
        return how.interval % _US == 0 and (how.then is None or _is_native(how.then))
    return not isinstance(how, Terms) or how.then is None or _is_native(how.then)


class _Native:
    def __init__(self, search: Search, query: Dsl, stop: Stop) -> None:
        self._search = search
        self._query = query
        self._stop = stop

    def buckets(self, how: Aggregation) -> list[Bucket]:
        match how:
            case Cardinality(field):
                return [Bucket(field, sum(1 for _ in self._values(field)))]
            case Percentiles(field, percents):
                counts = {bucket["key"]["v"]: bucket["doc_count"] for bucket in self._values(field)}
                return ranked(counts, percents)
            case Terms() | Histogram():
                # What is not registered and not loose, no event has.
                if isinstance(how, Terms) and how.field not in registered():
                    return []
                if isinstance(how.then, Terms) and how.then.field not in registered():
                    how = replace(how, then=None)
                found = self._ask({"a": _request(how)})["a"]
                return self._level(how, found)

    def _ask(self, aggregations: Dsl) -> Mapping[str, Any]:
        body: Dsl = {"query": self._query, "size": 0, "aggs": aggregations}
        answer = self._search.ask(body, self._stop)
        empty: Dsl = {name: {"buckets": []} for name in aggregations}
        return answer.get("aggregations") or empty

    def _values(self, field: str) -> Iterator[Mapping[str, Any]]:
        """Each different value with its number of events, exactly."""
        if field not in registered():
            return
        composite: Dsl = {
            "size": _COMPOSITE,
            "sources": [{"v": {"terms": {"field": _column(field)}}}],
        }
        while True:
            found = self._ask({"a": {"composite": composite}})["a"]
            yield from found["buckets"]
            if len(found["buckets"]) < _COMPOSITE:
                return
            composite["after"] = found["after_key"]

    def _level(self, how: Terms | Histogram, found: Mapping[str, Any]) -> list[Bucket]:
        rows: list[Mapping[str, Any]] = found["buckets"]
        if isinstance(how, Histogram):
            by_start = {round(row["key"]) * _US: row for row in rows}
            counts = {start: row["doc_count"] for start, row in by_start.items()}
            return [
                Bucket(one.key, one.count, self._inner(how, by_start.get(int(one.key))))
                for one in filled(counts, how.interval)
            ]
        keyed = [(_key_text(how.field, row), row) for row in rows]
        keyed.sort(key=lambda one: (-one[1]["doc_count"], fold(one[0])))
        chosen = keyed[: how.size]
        spelled = self._spellings(how.field, [key for key, _ in chosen])
        return [
            Bucket(
                typed_key(how.field, spelled.get(key, key)),
                row["doc_count"],
                self._inner(how, row),
            )
            for key, row in chosen
        ]

    def _inner(self, how: Terms | Histogram, row: Mapping[str, Any] | None) -> tuple[Bucket, ...]:
        if how.then is None or row is None:
            return ()
        found = row["a"]["buckets"]
        if isinstance(how.then, Histogram):
            counts = {round(one["key"]) * _US: one["doc_count"] for one in found}
            return tuple(filled(counts, how.then.interval))
        field = how.then.field
        keyed = [(_key_text(field, one), one["doc_count"]) for one in found]
        keyed.sort(key=lambda one: (-one[1], fold(one[0])))
        return tuple(Bucket(typed_key(field, key), n) for key, n in keyed[: how.then.size])

    def _spellings(self, field: str, keys: Sequence[str]) -> dict[str, str]:
        """Terms as an event wrote them; the cluster has them in lower case only."""
        if field_type(field) not in _TEXTS or not any(_has_letters(key) for key in keys):
            return {}
        terms = {"field": _column(field), "include": list(keys), "size": len(keys)}
        sample = {"top_hits": {"size": 1, "_source": [field]}}
        found = self._ask({"a": {"terms": terms, "aggs": {"s": sample}}})["a"]
        spelled: dict[str, str] = {}
        for row in found["buckets"]:
            for hit in row["s"]["hits"]["hits"]:
                for one in values_of(hit["_source"].get(field, [])):
                    if fold(text_of(one)) == row["key"]:
                        spelled[row["key"]] = text_of(one)
        return spelled


def _request(how: Terms | Histogram) -> Dsl:
    inner: Dsl = {"aggs": {"a": _request(how.then)}} if how.then else {}
    if isinstance(how, Histogram):
        histogram = {"field": f"{TIMES}.{TIME}", "interval": how.interval // _US}
        return {"histogram": {**histogram, "min_doc_count": 1}, **inner}
    alike = field_type(how.field) in _TEXTS  # the cluster's order among equal counts is ours
    terms = {
        "field": _column(how.field),
        "size": how.size if alike else max(how.size, 1_000),
        "shard_size": max(how.size, _EXACT_TERMS),
        "order": [{"_count": "desc"}, {"_key": "asc"}],
    }
    return {"terms": terms, **inner}


def _column(field: str) -> str:
    """The field that has the values as they are counted."""
    kind = field_type(field)
    return f"{field}.text" if kind == "ip" else f"{TIMES}.{field}" if kind == "date" else field


def _key_text(field: str, row: Mapping[str, Any]) -> str:
    match field_type(field):
        case "date":
            return date_text(int(row["key"]))
        case "boolean":
            return str(row["key_as_string"])
        case "long":
            return str(int(row["key"]))
        case _:
            return text_of(row["key"])


def _has_letters(text: str) -> bool:
    return any(char.isalpha() for char in text)
