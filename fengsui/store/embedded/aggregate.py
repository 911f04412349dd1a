"""Counts over all matching events: in total, by value, by interval of time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from fengsui.errors import InputError, StoreError
from fengsui.query.tree import Query
from fengsui.store.embedded.condition import DATE_FORMAT, quoted
from fengsui.store.embedded.engine import Deadline, TimeUpError
from fengsui.store.embedded.plan import MICROSECONDS, Part, parts_of, span_of
from fengsui.store.embedded.reader import LONGEST, Reader
from fengsui.store.embedded.schema import ID, TEXT, TIME, registered
from fengsui.store.event_store import Bucket, Histogram, Terms, TimeRange

_MOST_BUCKETS: Final = 100_000
T = TypeVar("T")


def count(reader: Reader, query: Query, within: TimeRange) -> int:
    """How many events match; from the catalogue alone when all of a segment do."""

    def attempt(segments: Any, **_: bool) -> int:
        deadline = Deadline(LONGEST)
        total = 0
        for part in parts_of(query, segments, span_of(within)):
            covered = [one for one in part.segments if part.span.covers(one)]
            cut = [one for one in part.segments if not part.span.covers(one)]
            for narrow in [part.narrowed(covered), part.narrowed(cut)]:
                if narrow.segments:
                    where = narrow.filtered()
                    total += sum(reader.count_by_file(narrow, where, deadline).values())
        return total

    return _in_time(reader, attempt)


def terms(reader: Reader, query: Query, how: Terms, within: TimeRange) -> list[Bucket]:
    """Values by falling count, equal but for case taken together; a list counts each once."""
    if not 0 < how.size <= 10_000:
        raise InputError("The number of terms is out of range", next="Ask for 1 to 10,000")

    def attempt(segments: Any, **_: bool) -> list[Bucket]:
        sources: list[str] = []
        parameters: list[Any] = []
        for part in parts_of(query, segments, span_of(within)):
            for sql, values in _term_sources(reader, part, how.field):
                sources.append(sql)
                parameters += values
        if not sources:
            return []
        union = " UNION ALL ".join(sources)
        sql = (
            f"SELECT min(value), count(*) FROM ({union}) WHERE value IS NOT NULL "  # noqa: S608
            f"GROUP BY folded ORDER BY count(*) DESC, folded LIMIT {int(how.size)}"
        )
        rows = reader.engine.rows(sql, parameters, Deadline(LONGEST))
        is_number = how.field in registered() and registered()[how.field].type == "long"
        return [Bucket(_number(key) if is_number else key, found) for key, found in rows]

    return _in_time(reader, attempt)


def histogram(reader: Reader, query: Query, how: Histogram, within: TimeRange) -> list[Bucket]:
    """Counts by interval, the empty ones between the first and the last included."""
    if how.interval <= 0:
        raise InputError("The interval of a histogram must be longer than nothing")

    def attempt(segments: Any, **_: bool) -> dict[int, int]:
        found: dict[int, int] = {}
        deadline = Deadline(LONGEST)
        for part in parts_of(query, segments, span_of(within)):
            where = part.filtered()
            number = f"(epoch_us({quoted(TIME)})::HUGEINT * {MICROSECONDS})"
            if how.interval % MICROSECONDS == 0:
                number = f"epoch_us({quoted(TIME)})"
            interval = how.interval // (MICROSECONDS if how.interval % MICROSECONDS == 0 else 1)
            select = f"{_floor(number, interval)} AS bucket, count(*)"
            for bucket, number_of_events in reader.rows(
                part, select, where, "GROUP BY bucket", deadline
            ):
                found[int(bucket)] = found.get(int(bucket), 0) + number_of_events
        return found

    found = _in_time(reader, attempt)
    if not found:
        return []
    first, last = min(found), max(found)
    if last - first >= _MOST_BUCKETS:
        raise InputError(
            "The histogram would have too many intervals",
            next="Widen the interval or narrow the time range",
            code="bad_interval",
        )
    return [
        Bucket(number * how.interval, found.get(number, 0)) for number in range(first, last + 1)
    ]


def _floor(number: str, interval: int) -> str:
    """Floor division, also before 1970 (SQL's cuts towards zero)."""
    step = int(interval)
    return f"({number} - ((({number} % {step}) + {step}) % {step})) // {step}"


def _term_sources(reader: Reader, part: Part, field: str) -> list[tuple[str, list[Any]]]:
    """SELECTs of (value, folded) texts: of the column, and of what had no column."""
    where = part.filtered()
    source, files = part.source(str(reader.folder))
    found: list[tuple[str, list[Any]]] = []
    if field in part.columns and field in registered():
        is_list = registered()[field].is_list
        values = quoted(field)
        select = f"unnest({values})" if is_list else values
        selected = f"{quoted(ID)} AS id, {select} AS one"
        inner = f"SELECT {selected} FROM {source} WHERE {where.sql}"  # noqa: S608
        text = _text(field)
        folded = "one" if part.columns[field] and _is_text(field) else f"lower({text})"
        distinct = "DISTINCT ON (id, folded) " if is_list else ""
        outer = f"SELECT {distinct}{text} AS value, {folded} AS folded FROM ({inner})"  # noqa: S608
        found.append((f"SELECT value, folded FROM ({outer})", [*files, *where.parameters]))  # noqa: S608
    if TEXT in part.columns:
        inner = (
            f"SELECT {quoted(ID)} AS id, unnest({TEXT}[?]) AS value FROM {source} "  # noqa: S608
            f"WHERE {where.sql}"
        )
        outer = f"SELECT DISTINCT ON (id, folded) value, lower(value) AS folded FROM ({inner})"  # noqa: S608
        found.append((f"SELECT value, folded FROM ({outer})", [field, *files, *where.parameters]))  # noqa: S608
    return found


def _is_text(field: str) -> bool:
    return field != ID and registered()[field].type in {"keyword", "text", "ip"}


def _text(field: str) -> str:
    if field == ID:
        return "lower(hex(one))"
    match registered()[field].type:
        case "date":
            return f"strftime(one, '{DATE_FORMAT}')"
        case "keyword" | "text" | "ip":
            return "one"
        case _:
            return "CAST(one AS VARCHAR)"


def _number(key: str) -> str | int:
    try:
        return int(key)
    except ValueError:
        return key


def _in_time(reader: Reader, attempt: Callable[..., T]) -> T:
    try:
        return reader.on_sound_segments(attempt, tolerant=False)
    except TimeUpError as error:
        raise StoreError(
            f"The search took longer than {LONGEST:.0f} s",
            next="Narrow the time range or the query",
            code="timeout",
        ) from error
