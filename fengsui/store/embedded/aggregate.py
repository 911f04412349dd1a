"""Counts over all matching events: in total, by value, by interval of time; percentiles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from fengsui.errors import StoreError
from fengsui.query.tree import Query
from fengsui.store.embedded.condition import quoted
from fengsui.store.embedded.engine import TimeUpError
from fengsui.store.embedded.plan import MICROSECONDS, Part, parts_of, span_of
from fengsui.store.embedded.reader import LONGEST, Reader
from fengsui.store.embedded.schema import TEXT, TIME, registered
from fengsui.store.embedded.sources import Source, is_text, term_sources, union_of
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
from fengsui.store.summary import check, filled, typed_key

T = TypeVar("T")
_FROM_TERMS: Final = "FROM ({union}) WHERE value IS NOT NULL"


def count(reader: Reader, query: Query, within: TimeRange) -> int:
    """How many events match; from the catalogue alone when all of a segment do."""

    def attempt(segments: Any, **_: bool) -> int:
        deadline = Stop(LONGEST)
        total = 0
        for part in reader.narrowed(parts_of(query, segments, span_of(within)), deadline):
            known = reader.tallies.counts(part, deadline)
            total += sum(known.values())
            part = part.narrowed([one for one in part.segments if one.path not in known])  # noqa: PLW2901
            covered = [one for one in part.segments if part.span.covers(one)]
            cut = [one for one in part.segments if not part.span.covers(one)]
            for narrow in [part.narrowed(covered), part.narrowed(cut)]:
                if narrow.segments:
                    where = narrow.filtered()
                    total += sum(reader.count_by_file(narrow, where, deadline).values())
        return total

    return _in_time(reader, attempt)


def aggregate(
    reader: Reader, query: Query, how: Aggregation, within: TimeRange, stop: Stop
) -> list[Bucket]:
    """See `EventStore.aggregate`."""
    check(how)

    def attempt(segments: Any, **_: bool) -> list[Bucket]:
        parts = reader.narrowed(parts_of(query, segments, span_of(within)), stop)
        summary = _Summary(reader, parts, stop)
        match how:
            case Terms():
                return summary.terms(how)
            case Histogram():
                return summary.histogram(how)
            case Cardinality(field):
                return [Bucket(field, summary.cardinality(field))]
            case Percentiles():
                return summary.percentiles(how)

    return _in_time(reader, attempt)


class _Summary:
    """Aggregates of one snapshot."""

    def __init__(self, reader: Reader, parts: Sequence[Part], stop: Stop) -> None:
        self._reader = reader
        self._parts = parts
        self._stop = stop

    def terms(self, how: Terms) -> list[Bucket]:
        """Values by falling count, equal but for case taken together; a list counts each once."""
        source = self._weighted(how.field)
        if source is None:
            return []
        spelling = "folded" if self._is_folded(how.field) else "min(value)"
        select = f"SELECT folded, {spelling}, CAST(sum(weight) AS BIGINT) {_FROM_TERMS}"
        tail = f"GROUP BY folded ORDER BY sum(weight) DESC, folded LIMIT {int(how.size)}"
        rows = self._rows(f"{select} {tail}", source)
        inner = self._inner(how, [row[0] for row in rows]) if how.then and rows else {}
        return [
            Bucket(typed_key(how.field, spelling), found, tuple(inner.get(key, ())))
            for key, spelling, found in rows
        ]

    def histogram(self, how: Histogram) -> list[Bucket]:
        """Counts by interval, the empty ones between the first and the last included."""
        found: dict[int, int] = defaultdict(int)
        for part in self._parts:
            for counts in self._by_interval(part, how.interval):
                for number, events in counts.items():
                    found[number * how.interval] += events
        inner = self._terms_by(_bucket("moment", how.interval), how.then) if how.then else {}
        return [
            Bucket(one.key, one.count, tuple(inner.get(int(one.key) // how.interval, ())))
            for one in filled(found, how.interval)
        ]

    def _by_interval(self, part: Part, interval: int) -> list[dict[int, int]]:
        """Events by number of the interval; of segments that match whole they are remembered."""
        whole = [one for one in part.segments if part.where.always and part.span.covers(one)]
        known = self._reader.histograms
        counts = {one.path: known.get((one.path, interval)) for one in whole}
        lacking = [one for one in whole if counts[one.path] is None]
        fresh: dict[str, dict[int, int]] = {}
        if interval % MICROSECONDS == 0:
            step = interval // MICROSECONDS
            fresh = dict(self._reader.tallies.by_interval(lacking, step, self._stop))
        rest = [
            one for one in part.segments if counts.get(one.path) is None and one.path not in fresh
        ]
        if rest:
            fresh |= self._count_by_interval(part.narrowed(rest), interval)
        if fresh:
            for one in whole:
                if one.path in fresh:
                    known.put((one.path, interval), fresh[one.path])
            counts |= fresh
        return [found for found in counts.values() if found]

    def _count_by_interval(self, part: Part, interval: int) -> dict[str, dict[int, int]]:
        moment = f"epoch_us({quoted(TIME)})"
        late = all(one.first >= 0 for one in part.segments)
        bucket = _bucket(moment, interval, after_1970=late)
        skip = len(str(self._reader.folder)) + 1
        found: dict[str, dict[int, int]] = defaultdict(dict)
        rows = self._reader.rows(
            part,
            f"filename, {bucket} AS bucket, count(*)",
            part.filtered(),
            "GROUP BY filename, bucket",
            self._stop,
            filename=True,
        )
        for filename, number, events in rows:
            found[filename[skip:]][int(number)] = events
        return found

    def cardinality(self, field: str) -> int:
        """Different values, case ignored."""
        source = self._weighted(field)
        sql = f"SELECT count(DISTINCT folded) {_FROM_TERMS}"
        return int(self._rows(sql, source)[0][0]) if source else 0

    def percentiles(self, how: Percentiles) -> list[Bucket]:
        """Values of the typed column at ranks."""
        sources: list[Source] = []
        for part in self._parts:
            if how.field in part.columns:
                where = part.filtered()
                source, files = part.source(str(self._reader.folder))
                name = quoted(how.field)
                value = f"unnest({name})" if registered()[how.field].is_list else name
                sql = f"SELECT {value} AS value FROM {source} WHERE {where.sql}"  # noqa: S608
                sources.append((sql, [*files, *where.parameters]))
        if not sources:
            return []
        ranks = ", ".join(f"{float(one) / 100!r}" for one in how.percents)
        sql = f"SELECT quantile_disc(value, [{ranks}]), count(*) {_FROM_TERMS}"
        values, total = self._rows(sql, union_of(sources))[0]
        return [
            Bucket(f"{percent:g}", total, value=value)
            for percent, value in zip(how.percents, values or (), strict=False)
        ]

    def _inner(self, how: Terms, keys: Sequence[str]) -> dict[str, list[Bucket]]:
        """Second level of some terms."""
        outer = self._source(how.field)
        then = how.then
        if outer is None or then is None:
            return {}
        marks = ", ".join("?" * len(keys))
        chosen = f"SELECT id, moment, folded AS key FROM ({outer[0]}) WHERE folded IN ({marks})"  # noqa: S608
        parameters = [*outer[1], *keys]
        if isinstance(then, Histogram):
            bucket = f"{_bucket('moment', then.interval)} AS bucket"
            sql = f"SELECT key, {bucket}, count(*) FROM ({chosen}) GROUP BY ALL"  # noqa: S608
            counts: dict[str, dict[int, int]] = defaultdict(dict)
            for key, number, events in self._rows("{union}", (sql, parameters)):
                counts[key][int(number) * then.interval] = events
            return {key: filled(found, then.interval) for key, found in counts.items()}
        inner = self._source(then.field)
        if inner is None:
            return {}
        sql = (
            f"SELECT key, value, folded FROM ({chosen}) AS o "  # noqa: S608
            f"JOIN ({inner[0]}) AS i USING (id) WHERE value IS NOT NULL"
        )
        return self._top((sql, [*parameters, *inner[1]]), then)

    def _terms_by(self, key: str, then: Terms) -> dict[Any, list[Bucket]]:
        source = self._source(then.field)
        if source is None:
            return {}
        sql = f"SELECT {key} AS key, value, folded FROM ({source[0]}) WHERE value IS NOT NULL"  # noqa: S608
        return self._top((sql, source[1]), then)

    def _top(self, keyed: Source, then: Terms) -> dict[Any, list[Bucket]]:
        """The most frequent terms of each key."""
        sql = (
            "SELECT key, min(value), count(*) AS events FROM ({union}) GROUP BY key, folded "  # noqa: S608
            "QUALIFY row_number() OVER (PARTITION BY key ORDER BY count(*) DESC, folded) "
            f"<= {int(then.size)} ORDER BY events DESC, folded"
        )
        found: dict[Any, list[Bucket]] = defaultdict(list)
        for key, spelling, events in self._rows(sql, keyed):
            found[key].append(Bucket(typed_key(then.field, spelling), events))
        return found

    def _weighted(self, field: str) -> Source | None:
        """All values of a field with how often they occur; from the tallies where all events match."""
        tallies = self._reader.tallies
        found: list[Source] = []
        for part in self._parts:
            known = tallies.known(part, field, self._stop) if part.where.always else []
            rest = part.narrowed([one for one in part.segments if one not in known])
            if known:
                found.append(tallies.terms(known, field))
            if rest.segments:
                for sql, parameters in term_sources(self._reader, rest, field):
                    found.append((f"SELECT value, folded, 1 AS weight FROM ({sql})", parameters))  # noqa: S608
        return union_of(found) if found else None

    def _source(self, field: str) -> Source | None:
        """All values of a field, over all partitions; None where it has none."""
        found = [one for part in self._parts for one in term_sources(self._reader, part, field)]
        return union_of(found) if found else None

    def _is_folded(self, field: str) -> bool:
        """Whether all spellings of a field are in lower case."""
        columns = [part.columns for part in self._parts]
        return is_text(field) and all(one.get(field, True) and TEXT not in one for one in columns)

    def _rows(self, sql: str, source: Source) -> list[tuple[Any, ...]]:
        return self._reader.engine.rows(sql.replace("{union}", source[0]), source[1], self._stop)


def _bucket(moment: str, interval: int, *, after_1970: bool = False) -> str:
    """Number of the interval (ns) of a moment given in µs; floors also before 1970."""
    number, step = f"({moment}::HUGEINT * {MICROSECONDS})", int(interval)
    if interval % MICROSECONDS == 0:
        number, step = moment, step // MICROSECONDS
    if after_1970:
        return f"{number} // {step}"
    return f"({number} - ((({number} % {step}) + {step}) % {step})) // {step}"


def _in_time(reader: Reader, attempt: Callable[..., T]) -> T:
    try:
        return reader.on_sound_segments(attempt, tolerant=False)
    except TimeUpError as error:
        raise StoreError(
            "The search took too long, or was stopped",
            next="Narrow the time range or the query",
            code="timeout",
        ) from error
