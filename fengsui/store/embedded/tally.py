"""How often each value occurs in a segment: a small file beside each large one.

A count of one field's values, a histogram or the most frequent terms of everything are sums over these
files, and a segment that has no match need not be opened. They hold nothing that is not in the segment,
whose footer has their hashes; without its tally a segment is read as before.

One row group a field, rows of `field`, `text`, `number`, `six` and `events`:

| field | rows |
|---|---|
| its name | each value, and once none, with the number of events; an address also as numbers |
| `@timestamp` | each minute since 1970 (`number`) |
| `_text` | each name that had values outside its column |
| `#letters` | of a column too varied to be counted (`six`), the characters of its folded text |
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from fengsui.hashes import file_digests
from fengsui.store.embedded.arrow import pc, pq
from fengsui.store.embedded.schema import (
    ID,
    TEXT,
    TIME,
    UNIQUE,
    address_number,
    registered,
)

FOLDER: Final = "tallies"
LETTERS: Final = "#letters"
LEAST_ROWS: Final = 32_768
"""Smaller segments are read about as quickly as their tally."""
MINUTE: Final = 60_000_000  # µs
KINDS: Final = frozenset({"keyword", "text", "ip", "long", "boolean"})
_FEW: Final = 1_000
_MOST: Final = 100_000
_MOST_NUMBERS: Final = 5_000
_SHARE: Final = 4  # of the rows may be different values, one in so many
_SCHEMA: Final = pa.schema(
    [
        ("field", pa.string()),
        ("text", pa.string()),
        ("number", pa.int64()),
        ("six", pa.string()),
        ("events", pa.int64()),
    ]
)


def tally_path(segment_path: str) -> str:
    """Where the tally of a segment is, relative to the store's folder."""
    return f"{FOLDER}/{Path(segment_path).name}"


def write_tally(path: Path, table: pa.Table) -> str:
    """Write it durably; its SHA-256 and SM3, for the segment's footer."""
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd", use_dictionary=["field"]) as writer:
        for rows in _tallies(table):
            writer.write_table(rows)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return " ".join(file_digests(path))


def is_tallied(name: str) -> bool:
    """Whether a field is one whose values are counted, if they are few."""
    field = registered().get(name)
    plain = field is not None and not field.is_list and field.type in KINDS
    return plain and name not in UNIQUE | {ID, TIME}


def _tallies(table: pa.Table) -> Iterator[pa.Table]:
    letters: dict[str, str] = {}
    for name in table.column_names:
        if name not in registered() or name in {ID, TIME}:
            continue
        column = _joined(table.column(name))
        found = _counted(name, column) if is_tallied(name) else None
        if found is not None:
            yield found
        elif (chars := _letters(column)) is not None:
            letters[name] = chars
    minutes = table.column(TIME).cast(pa.int64()).to_numpy() // MINUTE
    numbers, events = np.unique(minutes, return_counts=True)
    yield _rows(TIME, events, number=pa.array(numbers))
    if TEXT in table.column_names:
        names = pc.value_counts(_joined(table.column(TEXT)).keys)
        yield _rows(TEXT, names.field("counts"), text=names.field("values"))
    if letters:
        none = pa.nulls(len(letters), pa.int64())
        chars = pa.array(letters.values(), pa.string())
        yield _rows(LETTERS, none, text=chars, six=pa.array(letters.keys(), pa.string()))


def _counted(name: str, column: pa.Array) -> pa.Table | None:
    """Values of a column with the number of their events; None when they are too many."""
    found = pc.value_counts(column)
    most = _MOST_NUMBERS if pa.types.is_integer(column.type) else _MOST
    if len(found) > min(max(len(column) // _SHARE, _FEW), most):
        return None
    values, events = found.field("values"), found.field("counts")
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    match registered()[name].type:
        case "long":
            return _rows(name, events, number=values)
        case "ip":
            numbers = [None if one is None else address_number(one) for one in values.to_pylist()]
            four = [
                n & 0xFFFFFFFF if n is not None and n >> 32 == 0xFFFF else None for n in numbers
            ]
            six = [None if n is None or n >> 32 == 0xFFFF else f"{n:032x}" for n in numbers]
            return _rows(
                name,
                events,
                text=values,
                number=pa.array(four, pa.int64()),
                six=pa.array(six, pa.string()),
            )
        case _:
            return _rows(name, events, text=values.cast(pa.string()))


def _rows(field: str, events: Any, **columns: Any) -> pa.Table:
    count = len(events)
    made = {
        item.name: pa.nulls(count, item.type)
        for item in _SCHEMA
        if item.name not in {"field", "events"}
    }
    made |= columns | {"field": pa.array([field] * count), "events": events}
    return pa.table({item.name: made[item.name] for item in _SCHEMA}).cast(_SCHEMA)


def _letters(column: pa.Array) -> str | None:
    """Characters of all its text, folded; None where it is no text, or not ASCII."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary
    if pa.types.is_list(column.type):
        column = column.flatten()
    if not pa.types.is_string(column.type) or len(column) == 0:
        return None
    ends = np.frombuffer(column.buffers()[1], np.int32)[column.offset :]
    data = np.frombuffer(column.buffers()[2] or b"", np.uint8)[ends[0] : ends[len(column)]]
    seen = np.flatnonzero(np.bincount(data, minlength=256))
    return (
        None
        if len(seen) and seen[-1] > 127
        else "".join(sorted(set(bytes(seen.tolist()).decode().lower())))
    )


def _joined(column: pa.ChunkedArray) -> pa.Array:
    joined = column.combine_chunks()
    return pa.concat_arrays(joined.chunks) if isinstance(joined, pa.ChunkedArray) else joined
