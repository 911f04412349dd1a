"""From fields to columns.

A segment has the columns that its events use, out of those that the registry allows:

| registry | column |
|---|---|
| keyword, text | string |
| long, float, boolean | int64, double, boolean |
| date | timestamp in µs, UTC |
| ip | string as written, and `#4` (uint32) or `#6` (32 hexadecimal digits) to compare by number |
| list of … | list of the same |
| event.id | 16 bytes |

What has no such column (unknown fields, values of another shape) is kept in two more: `_rest`, a JSON
object of the originals, and `_text`, a map from name to the values as text, which is what is searched.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, Final

import pyarrow as pa

from fengsui.query.values import address
from fengsui.store.embedded.arrow import pc
from fengsui.store.salvage import (
    DATASET,
    HEAD,
    ID,
    LONGEST,
    OTHER,
    RUN,
    TIME,
    registered,
)

__all__ = ["DATASET", "HEAD", "ID", "OTHER", "RUN", "TIME", "registered"]

REST: Final = "_rest"
TEXT: Final = "_text"
V4: Final = "#4"
V6: Final = "#6"
ID_BYTES: Final = 16
_FEW: Final = 200
MAPPED: Final = 0xFFFF << 32
TEXT_TYPE: Final = pa.map_(pa.string(), pa.list_(pa.string()))
TIME_TYPE: Final = pa.timestamp("us")
UNIQUE: Final = frozenset({"network.community_id", "zeek.session_id", "event.original", "message"})
"""Fields whose text hardly repeats."""

_TYPES: Final = {
    "keyword": pa.string(),
    "text": pa.string(),
    "ip": pa.string(),
    "long": pa.int64(),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "date": TIME_TYPE,
}
_CANONICAL: Final = r"^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"


class Unfit(ValueError):  # noqa: N818
    """A batch has a value that its column cannot hold: take the careful way."""


@cache
def parsed_type(name: str) -> pa.DataType:
    """Type of a field when its JSON is read: addresses, times and ids are still text."""
    field = registered()[name]
    plain = pa.string() if field.type in {"date", "ip"} else _TYPES[field.type]
    return pa.list_(plain) if field.is_list else plain


def columns_of(table: pa.Table) -> pa.Table:
    """The columns of a segment from fields as parsed; those without any value are left out.

    Args:
        table: one row an event; `event.id` already as 16 bytes, `_rest` and `_text` as they are.

    Raises:
        Unfit: a value does not fit its column.
    """
    found: dict[str, pa.Array] = {}
    for name in [*registered(), REST, TEXT]:
        if name not in table.column_names:
            continue
        column = table.column(name).combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # an empty table has no chunk
            column = pa.array([], column.type)
        if column.null_count < len(column):
            found |= {name: column} if name in {ID, REST, TEXT} else _physical(name, column)
    return pa.table(found)


def _physical(name: str, column: pa.Array) -> dict[str, pa.Array]:
    field = registered()[name]
    values = column.flatten() if field.is_list else column
    if field.is_list and values.null_count:
        raise Unfit(name)
    if pa.types.is_string(values.type) and _longest(values) > LONGEST:
        raise Unfit(name)
    if field.type == "date":
        return {name: _like_lists(column, _times(values)) if field.is_list else _times(values)}
    if field.type == "float" and pc.all(pc.is_finite(values)).as_py() is False:
        raise Unfit(name)
    if field.type != "ip":
        return {name: column}
    numbers = _addresses(values)
    if field.is_list:
        numbers = {suffix: _like_lists(column, array) for suffix, array in numbers.items()}
    return {name: column} | {name + suffix: array for suffix, array in numbers.items()}


def _longest(values: pa.Array) -> int:
    return pc.max(pc.binary_length(values)).as_py() or 0


def _like_lists(lists: pa.ListArray, values: pa.Array) -> pa.ListArray:
    """Other values in the same lists; a null among them (no address of that family) stays."""
    lengths = pc.list_value_length(lists).fill_null(0)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths)])
    return pa.ListArray.from_arrays(offsets.cast(pa.int32()), values, mask=lists.is_null())


def _times(values: pa.Array) -> pa.Array:
    if values.type == pa.timestamp("us"):
        return values
    if pc.all(pc.match_substring_regex(values, _CANONICAL)).as_py() is False:
        raise Unfit("a date")
    try:
        return values.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
    except pa.ArrowInvalid as error:
        raise Unfit("a date") from error


@lru_cache(maxsize=1 << 16)
def address_number(text: str) -> int | None:
    """`address`, remembered."""
    return address(text)


def _addresses(values: pa.Array) -> dict[str, pa.Array]:
    """Numbers of IPv4 addresses and hexadecimal digits of all others, each distinct one parsed once."""
    coded = values.dictionary_encode()
    v4: list[int | None] = []
    v6: list[str | None] = []
    for text in coded.dictionary.to_pylist():
        number = address_number(text)
        if number is None:
            raise Unfit("an address")
        is_v4 = number >> 32 == 0xFFFF
        v4.append(number & 0xFFFFFFFF if is_v4 else None)
        v6.append(None if is_v4 else f"{number:032x}")
    found: dict[str, pa.Array] = {}
    if any(one is not None for one in v4):
        found[V4] = pa.array(v4, pa.uint32()).take(coded.indices)
    if any(one is not None for one in v6):
        found[V6] = pa.array(v6, pa.string()).take(coded.indices)
    return found


def in_order(table: pa.Table) -> pa.Table:
    """The columns that have a value, in the order of the registry."""
    places = {name: place for place, name in enumerate(registered())}
    names = [name for name in table.column_names if table.column(name).null_count < table.num_rows]
    names.sort(key=lambda name: (places.get(name.partition("#")[0], len(places)), name))
    return table.select(names)


def lowered(table: pa.Table) -> dict[str, bool]:
    """The columns of a segment and whether all their text is lower case (True where it is not text).

    Where it is, a search compares the column itself, so that statistics and Bloom filters count.
    """
    return {name: _is_lower(table.column(name)) for name in table.column_names}


def _is_lower(column: Any) -> bool:
    kind = column.type
    if pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
        column = pc.list_flatten(column)
    elif pa.types.is_dictionary(kind):
        dictionaries = [chunk.dictionary for chunk in column.chunks]
        return all(_all_lower(one) for one in dictionaries)
    elif not pa.types.is_string(kind):
        return True
    some = column.slice(0, _FEW)  # most mixed columns show at once
    return _all_lower(some) and (len(column) <= _FEW or _all_lower(column.unique()))


def _all_lower(texts: Any) -> bool:
    return pc.all(pc.equal(pc.utf8_lower(texts), texts)).as_py() is not False


def runs_of(table: pa.Table) -> list[str]:
    """The drills and replays that have events in it."""
    if RUN not in table.column_names:
        return []
    runs = table.column(RUN).cast(pa.string()).unique()
    return [run for run in runs.to_pylist() if run is not None]
