"""What the tallies of segments tell without a look at their events: counts, terms, and who can match at all.

Only segments that lie wholly in the time range are told of, and only where the answer is exact; all others
are left to be read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fengsui.query.pattern import inside
from fengsui.query.tree import (
    All,
    Anywhere,
    Everything,
    Exists,
    Not,
    Query,
)
from fengsui.query.tree import Any as AnyOf
from fengsui.query.values import field_type
from fengsui.store.embedded.catalogue import Segment
from fengsui.store.embedded.condition import can_hold, condition, letters_of, like_test, quoted
from fengsui.store.embedded.engine import Engine, UnreadableError
from fengsui.store.embedded.plan import Part
from fengsui.store.embedded.schema import TEXT, TIME, V4, V6
from fengsui.store.embedded.tally import LETTERS, MINUTE, is_tallied, tally_path
from fengsui.store.event_store import Stop

Counts = dict[str, int]
"""Events by path of a segment, of those that are known."""
_MOST_ASKED: Final = 4  # fields, or words, of one query
_OF_NUMBERS: Final = frozenset("0123456789-")
_TEXT_OF: Final = "lower(coalesce(text, CAST(number AS VARCHAR)))"


class Tallies:
    """The tallies beside the segments of one store, for one process."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._folder = folder
        self._engine = engine
        self._there: dict[str, bool] = {}

    def counts(self, part: Part, stop: Stop) -> Counts:
        """Matches of a part's query by segment."""
        members = [one for one in self._members(part.segments) if part.span.covers(one)]
        if not members or part.where.always is not None or _asked(part.query) > _MOST_ASKED:
            return {}
        return self._matches(part.query, part, members, stop)

    def known(self, part: Part, field: str, stop: Stop) -> list[Segment]:
        """Segments whose values of a field are all in their tallies."""
        members = [one for one in self._members(part.segments) if part.span.covers(one)]
        found = self._of_field(field, Exists(field), part, members, stop)
        return [one for one in members if one.path in found]

    def terms(self, segments: Sequence[Segment], field: str) -> tuple[str, list[Any]]:
        """A SELECT of (value, folded, weight) over segments that are `known`."""
        text = "coalesce(text, CAST(number AS VARCHAR))"
        sql = (
            f"SELECT {text} AS value, lower({text}) AS folded, events AS weight "  # noqa: S608
            "FROM read_parquet(?) WHERE field = ?"
        )
        return sql, [self._files(segments), field]

    def by_interval(
        self, segments: Sequence[Segment], step: int, stop: Stop
    ) -> dict[str, dict[int, int]]:
        """Events of whole segments by number of an interval of so many µs; only of whole minutes."""
        members = self._members(segments)
        if not members or step % MINUTE:
            return {}
        minutes = step // MINUTE
        sql = (
            f"SELECT filename, CAST(floor(number / {minutes}) AS BIGINT) AS bucket, sum(events) "  # noqa: S608
            "FROM read_parquet(?, filename = true) WHERE field = ? GROUP BY filename, bucket"
        )
        paths = self._paths(members)
        found: dict[str, dict[int, int]] = defaultdict(dict)
        for filename, number, events in self._rows(sql, [list(paths), TIME], stop):
            found[paths[filename]][int(number)] = int(events)
        return found

    def narrowed(self, part: Part, stop: Stop) -> list[Part]:
        """A part without the segments and columns that cannot hold a word looked for anywhere."""
        words = sorted(_words(part.query))
        members = self._members(part.segments)
        if not words or len(words) > _MOST_ASKED or not members:
            return [part]
        columns = {one.path: {word: set(one.lowered) for word in words} for one in members}
        for word in words:
            for path, field in self._without(word, members, stop):
                columns[path][word].discard(field)
        kept: list[Segment] = []
        union: dict[str, set[str]] = {word: set() for word in words}
        for one in members:
            held = {word: frozenset(names) for word, names in columns[one.path].items()}
            if condition(part.query, one.lowered, held).always is not False:
                kept.append(one)
                for word in words:
                    union[word] |= held[word]
        held = {word: frozenset(names) for word, names in union.items()}
        known = {one.path for one in members}
        rest = [one for one in part.segments if one.path not in known]
        cut = [part.narrowed(kept, held)] if kept else []
        return [*cut, part.narrowed(rest)] if rest else cut

    def _without(
        self, word: str, members: Sequence[Segment], stop: Stop
    ) -> Iterator[tuple[str, str]]:
        """(path, field) of what surely does not have a word."""
        parts = inside(word)
        needed = letters_of(parts)
        paths = self._paths(members)
        test = like_test(parts)(_TEXT_OF if needed <= _OF_NUMBERS else "lower(text)")
        sql = (
            f"SELECT filename, field FROM read_parquet(?, filename = true) "  # noqa: S608
            f"WHERE field NOT IN ('{LETTERS}', '{TEXT}', '{TIME}') "
            f"GROUP BY filename, field HAVING bool_or({test.sql}) IS NOT TRUE"
        )
        for filename, field in self._rows(sql, [list(paths), *test.parameters], stop):
            yield paths[filename], field
        sql = "SELECT filename, six, text FROM read_parquet(?, filename = true) WHERE field = ?"
        for filename, field, letters in self._rows(sql, [list(paths), LETTERS], stop):
            if not needed <= set(letters):
                yield paths[filename], field

    def _matches(self, query: Query, part: Part, members: Sequence[Segment], stop: Stop) -> Counts:
        """Exact numbers of matches, where the tallies tell them."""
        fields = _fields(query)
        if isinstance(query, Anywhere):
            held = can_hold(query.value, part.holders.get(query.value, part.columns))
            alone = len(held) == 1 and TEXT not in part.columns
            return self._of_field(held[0], query, part, members, stop) if alone else {}
        if fields is not None and len(fields) == 1:
            return self._of_field(next(iter(fields)), query, part, members, stop)
        match query:
            case Everything():
                return {one.path: one.rows for one in members}
            case Not(inner):
                found = self._matches(inner, part, members, stop)
                return {
                    one.path: one.rows - found[one.path] for one in members if one.path in found
                }
            case All(parts):
                return _together(
                    [self._matches(one, part, members, stop) for one in parts], members, all_=True
                )
            case AnyOf(parts):
                return _together(
                    [self._matches(one, part, members, stop) for one in parts], members, all_=False
                )
            case _:
                return {}

    def _of_field(
        self, field: str, query: Query, part: Part, members: Sequence[Segment], stop: Stop
    ) -> Counts:
        if not is_tallied(field) or not members:
            return {}
        kind = field_type(field)
        columns = {field: False}
        aliases = f"text AS {quoted(field)}"
        if kind == "long":
            aliases = f"number AS {quoted(field)}"
        elif kind == "boolean":
            aliases = f"(text = 'true') AS {quoted(field)}"
        elif kind == "ip":
            columns |= {name: False for name in (field + V4, field + V6) if name in part.columns}
            aliases += f", number AS {quoted(field + V4)}, six AS {quoted(field + V6)}"
        where = condition(query, columns)
        paths = self._paths(members)
        sql = (
            f"SELECT filename, coalesce(sum(events) FILTER (WHERE field = ? AND ({where.sql})), 0) "  # noqa: S608
            f"FROM (SELECT filename, field, text, events, {aliases} "
            "FROM read_parquet(?, filename = true) WHERE field = ? OR field = ?) AS tally "
            "GROUP BY filename HAVING bool_or(field = ?) "
            "AND NOT bool_or(field = ? AND text = ?)"
        )
        parameters = [field, *where.parameters, list(paths), field, TEXT, field, TEXT, field]
        return {paths[name]: int(count) for name, count in self._rows(sql, parameters, stop)}

    def _members(self, segments: Sequence[Segment]) -> list[Segment]:
        """Those that have a tally; a file that was there may have gone with its segment meanwhile."""
        for one in segments:
            if one.path not in self._there:
                there = one.level > 0 and (self._folder / tally_path(one.path)).exists()
                self._there[one.path] = there
        return [one for one in segments if self._there[one.path]]

    def _paths(self, segments: Sequence[Segment]) -> Mapping[str, str]:
        return {f"{self._folder}/{tally_path(one.path)}": one.path for one in segments}

    def _files(self, segments: Sequence[Segment]) -> list[str]:
        return list(self._paths(segments))

    def _rows(self, sql: str, parameters: list[Any], stop: Stop) -> list[tuple[Any, ...]]:
        """Rows; none where a tally cannot be read, so that the segments are."""
        try:
            return self._engine.rows(sql, parameters, stop)
        except UnreadableError:
            return []


def _together(found: Sequence[Counts], members: Sequence[Segment], *, all_: bool) -> Counts:
    """Counts of AND, or of OR, where at most one part is neither of all events nor of none."""
    known: Counts = {}
    for one in members:
        final, neutral = (0, one.rows) if all_ else (one.rows, 0)
        counts = [each.get(one.path) for each in found]
        open_ = [count for count in counts if count != neutral]
        if final in counts:
            known[one.path] = final
        elif not open_:
            known[one.path] = neutral
        elif len(open_) == 1 and open_[0] is not None:
            known[one.path] = open_[0]
    return known


def _fields(query: Query) -> frozenset[str] | None:
    """The fields that a query looks at; None when any."""
    match query:
        case Everything():
            return frozenset()
        case Anywhere():
            return None
        case Not(part):
            return _fields(part)
        case All(parts) | AnyOf(parts):
            found = [_fields(one) for one in parts]
            return None if None in found else frozenset[str]().union(*(one or () for one in found))
        case _:
            return frozenset({query.field})


def _asked(query: Query) -> int:
    """How many statements `_matches` would need."""
    fields = _fields(query)
    if fields is not None and len(fields) <= 1:
        return len(fields)
    match query:
        case Not(part):
            return _asked(part)
        case All(parts) | AnyOf(parts):
            return sum(_asked(one) for one in parts)
        case Anywhere():
            return 1
        case _:
            return 0


def _words(query: Query) -> set[str]:
    """What a query looks for anywhere."""
    match query:
        case Anywhere(value):
            return {value}
        case Not(part):
            return _words(part)
        case All(parts) | AnyOf(parts):
            return set[str]().union(*(_words(one) for one in parts))
        case _:
            return set()
