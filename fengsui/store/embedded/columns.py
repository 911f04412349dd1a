"""Cells to the columns of a segment.

Text that repeats becomes a dictionary, so that it is hashed, compared and written once for all events.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from fengsui.store.embedded import gathering, scan
from fengsui.store.embedded.cells import Array, Group, text_of
from fengsui.store.embedded.schema import (
    ID,
    ID_BYTES,
    MAPPED,
    TIME,
    TIME_TYPE,
    UNIQUE,
    V4,
    V6,
    address_number,
)

_FEW: Final = 64
"""So many texts are a dictionary at any rate."""


def columns_of_cells(group: Group, ids: Array, times: Array) -> pa.Table:
    """A table of all events of a group, columns in the order of the registry."""
    packed = pa.py_buffer(np.ascontiguousarray(ids[group.events]))
    moments = pa.py_buffer(times[group.events])
    count = len(group.events)
    found = {
        ID: pa.Array.from_buffers(pa.binary(ID_BYTES), count, [None, packed]),
        TIME: pa.Array.from_buffers(TIME_TYPE, count, [None, moments]),
    }
    for name, kind, is_list, chosen in group.fields:
        column = _Column(group, kind, chosen)
        found |= column.lists(name) if is_list else column.scalars(name)
    return pa.table(found)


class _Column:
    """The cells of one field."""

    def __init__(self, group: Group, kind: int, chosen: Array) -> None:
        self._mem = group.mem
        self._cells = group.cells
        self._position = group.position
        self._count = len(group.events)
        self._kind = kind
        self._chosen = chosen

    def scalars(self, name: str) -> dict[str, pa.Array]:
        """A column, and those of numbers beside it for addresses."""
        match self._kind:
            case scan.TEXT_KIND:
                return {name: self._texts(name)}
            case scan.LONG_KIND:
                return {name: self._numbers(pa.int64())}
            case scan.DATE_KIND:
                return {name: self._numbers(TIME_TYPE)}
            case scan.BOOLEAN_KIND:
                return {name: self._numbers(pa.int64()).cast(pa.bool_())}
            case scan.FLOAT_KIND:
                return {name: self._spread_values(pa.array(self._doubles()))}
            case _:
                numbers = {
                    name + suffix: self._spread_values(array)
                    for suffix, array in self._addresses().items()
                }
                return {name: self._texts(name)} | numbers

    def lists(self, name: str) -> dict[str, pa.Array]:
        """The same for a field of lists; an empty list stays one."""
        offsets = np.zeros(self._count + 1, np.int32)
        present = self._bits()
        values = gathering.lengths(self._cells, self._chosen, self._position, offsets, present)
        self._chosen = self._chosen[:values]
        columns = {name: self._items()}
        if self._kind == scan.IP_KIND:
            columns |= {name + suffix: array for suffix, array in self._addresses().items()}
        buffers = [pa.py_buffer(present), pa.py_buffer(offsets)]
        return {
            column: pa.Array.from_buffers(
                pa.list_(array.type), self._count, buffers, children=[array]
            )
            for column, array in columns.items()
        }

    def _items(self) -> pa.Array:
        """The values of lists, one behind the other."""
        match self._kind:
            case scan.TEXT_KIND | scan.IP_KIND:
                return self._strings(self._chosen)
            case scan.FLOAT_KIND:
                return pa.array(self._doubles())
            case scan.BOOLEAN_KIND:
                return pa.array(self._cells[self._chosen, scan.NUMBER].astype(bool))
            case kind:
                values = pa.array(self._cells[self._chosen, scan.NUMBER])
                return values.cast(TIME_TYPE) if kind == scan.DATE_KIND else values

    def _numbers(self, kind: pa.DataType) -> pa.Array:
        values, present = np.zeros(self._count, np.int64), self._bits()
        gathering.spread(self._cells, self._chosen, self._position, scan.NUMBER, values, present)
        return pa.Array.from_buffers(
            kind, self._count, [self._valid(present), pa.py_buffer(values)]
        )

    def _texts(self, name: str) -> pa.Array:
        coded = None if name in UNIQUE else self._dictionary()
        if coded is not None:
            return coded
        return self._spread_values(self._strings(self._chosen))

    def _dictionary(self) -> pa.Array | None:
        """The texts as a dictionary; None when they hardly repeat."""
        most = max(_FEW, len(self._chosen) // 2)
        slots = np.full(1 << (2 * most).bit_length(), -1, np.int32)
        distinct = np.empty(most, np.int64)
        values, present = np.zeros(self._count, np.int32), self._bits()
        found = gathering.encode(
            self._mem, self._cells, self._chosen, self._position, slots, values, present, distinct
        )
        if found < 0:
            return None
        indices = pa.Array.from_buffers(
            pa.int32(), self._count, [self._valid(present), pa.py_buffer(values)]
        )
        texts = self._strings(distinct[:found])
        return pa.DictionaryArray.from_arrays(indices, texts, safe=False)

    def _strings(self, chosen: Array) -> pa.Array:
        """Texts of cells, one behind the other."""
        offsets = np.zeros(len(chosen) + 1, np.int32)
        data = np.empty(gathering.total(self._cells, chosen), np.uint8)
        gathering.gather(self._mem, self._cells, chosen, offsets, data)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
        return pa.Array.from_buffers(pa.string(), len(chosen), buffers)

    def _doubles(self) -> Array:
        texts = [text_of(self._mem, self._cells[cell]) for cell in self._chosen.tolist()]
        return np.array([float(text) for text in texts], np.float64)

    def _addresses(self) -> dict[str, pa.Array]:
        """Numbers of IPv4 addresses and hexadecimal digits of the others, by cell."""
        numbers = self._cells[self._chosen, scan.NUMBER]
        others = np.flatnonzero(numbers == scan.NO_NUMBER).tolist()
        digits: dict[int, str] = {}
        for place in others:
            number = address_number(text_of(self._mem, self._cells[self._chosen[place]])) or 0
            if number >> 32 == MAPPED >> 32:
                numbers[place] = number & 0xFFFFFFFF
            else:
                digits[place] = f"{number:032x}"
        found: dict[str, pa.Array] = {}
        if len(digits) < len(numbers):
            mask = numbers == scan.NO_NUMBER
            found[V4] = pa.array(numbers.astype(np.uint32), mask=mask if digits else None)
        if digits:
            found[V6] = pa.array([digits.get(place) for place in range(len(numbers))], pa.string())
        return found

    def _spread_values(self, values: pa.Array) -> pa.Array:
        """Values by cell as values by event."""
        if len(values) == self._count:
            return values
        places = np.full(self._count, -1, np.int64)
        places[self._position[self._cells[self._chosen, scan.ROW]]] = np.arange(len(values))
        return values.take(pa.array(places, mask=places < 0))

    def _bits(self) -> Array:
        return np.zeros((self._count + 7) // 8, np.uint8)

    def _valid(self, present: Array) -> Any:
        """Buffer of which events have a value; None when all have."""
        return None if len(self._chosen) == self._count else pa.py_buffer(present)
