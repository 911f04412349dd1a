"""From events to tables: in bulk what is well-formed, event by event what is not.

Nothing arriving can fail a batch. A value that does not fit is kept beside the columns and counted; an
event whose head (id, time, dataset) cannot be used gets a usable one, with the original value kept
under `quarantine.<field>`; bytes that are no JSON object at all become `event.original`. One such event
costs only itself: the others of its batch go the quick way.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from fengsui.event import Event
from fengsui.query.values import text_of, values_of
from fengsui.store.embedded.cells import Array, Scanned
from fengsui.store.embedded.columns import columns_of_cells
from fengsui.store.embedded.scan import CELL
from fengsui.store.embedded.schema import (
    DATASET,
    ID,
    ID_BYTES,
    REST,
    TEXT,
    TEXT_TYPE,
    TIME,
    columns_of,
    in_order,
    parsed_type,
    registered,
)
from fengsui.store.salvage import ORDINARY, OTHER, RETENTION, Quarantine, Row, place_of, row_of


def warm_up() -> None:
    """Compile what an append needs; `python -m fengsui.store.embedded.intake` does it ahead of time."""
    head = {ID: "0" * 32, TIME: "2026-11-21T00:00:00.000000Z", DATASET: OTHER}
    event = Event(orjson.dumps(head | {"user.name": "a", "related.ip": ["::1"], "source.port": 1}))
    Intake(()).take([event]).tables(np.ones(1, bool), Quarantine())


class Intake:
    """Makes the columns of batches. Batches of one intake come one after the other.

    Args:
        classes: retention classes that are kept apart.
    """

    def __init__(self, classes: Collection[str]) -> None:
        self._classes = classes
        self._room = np.empty((0, CELL), np.int64)

    def take(self, events: Sequence[Event]) -> Batch:
        """Read a batch; the one before is done with."""
        scanned = Scanned(events, self._classes, self._room)
        self._room = scanned.cells
        return Batch(
            scanned, {number: row_of(events[number].raw) for number in scanned.odd}, self._classes
        )


class Batch:
    """Events that were read.

    Attributes:
        ids: (n, 16) bytes.
        times: µs.
    """

    def __init__(self, scanned: Scanned, odd: dict[int, Row], classes: Collection[str]) -> None:
        self.ids: Array = scanned.ids
        self.times: Array = scanned.times
        self._scanned = scanned
        self._odd = odd
        self._classes = classes
        for number, row in odd.items():
            self.ids[number] = np.frombuffer(bytes.fromhex(row.id), np.uint8)
            self.times[number] = row.time

    def tables(self, taken: Array, quarantine: Quarantine) -> list[tuple[str, pa.Table]]:
        """Place and columns of the events that `taken` (a mask) has true."""
        found = {
            group.place: columns_of_cells(group, self.ids, self.times)
            for group in self._scanned.groups(taken)
        }
        odd: dict[str, list[Row]] = {}
        for number, row in self._odd.items():
            if taken[number]:
                quarantine.add(row.bad)
                named = row.fields.get(RETENTION)
                retention = str(named) if named in self._classes else ORDINARY
                odd.setdefault(place_of(row.fields[DATASET], retention), []).append(row)
        for place, rows in odd.items():
            table = _table_of(rows)
            found[place] = _joined(found[place], table) if place in found else table
        return list(found.items())


def _joined(many: pa.Table, few: pa.Table) -> pa.Table:
    """Both in one table, its columns in the order of the registry."""
    plain = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in many.columns
    ]
    whole = pa.table(dict(zip(many.column_names, plain, strict=True)))
    return in_order(pa.concat_tables([whole, few], promote_options="default").combine_chunks())


def _table_of(rows: Sequence[Row]) -> pa.Table:
    names = {name for row in rows for name in row.fields}
    arrays: dict[str, pa.Array] = {}
    for name in registered():
        if name in names:
            kind = pa.binary(ID_BYTES) if name == ID else parsed_type(name)
            arrays[name] = pa.array([row.fields.get(name) for row in rows], kind)
    arrays[REST] = pa.array(
        [orjson.dumps(row.rest).decode() if row.rest else None for row in rows], pa.string()
    )
    arrays[TEXT] = pa.array([_texts(row.rest) if row.rest else None for row in rows], TEXT_TYPE)
    return columns_of(pa.table(arrays))


def _texts(rest: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [
        (name, [text_of(one) for one in values_of(value) if one is not None])
        for name, value in rest.items()
    ]


if __name__ == "__main__":
    warm_up()
