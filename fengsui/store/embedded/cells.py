"""The events of an append at once: their cells (`fengsui.store.embedded.scan`), by place and field."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from fengsui.event import Event
from fengsui.store.embedded import gathering, scan
from fengsui.store.embedded.scan_text import SLACK
from fengsui.store.embedded.schema import ID_BYTES, address_number
from fengsui.store.salvage import (
    HEAD,
    ORDINARY,
    PLAIN_DATASET,
    RETENTION,
    place_of,
    registered,
)

Array = npt.NDArray[Any]
_KINDS: Final = {
    "keyword": scan.TEXT_KIND,
    "text": scan.TEXT_KIND,
    "long": scan.LONG_KIND,
    "float": scan.FLOAT_KIND,
    "boolean": scan.BOOLEAN_KIND,
    "date": scan.DATE_KIND,
    "ip": scan.IP_KIND,
}
_CELLS_AN_EVENT: Final = 40  # room at first; it grows
_EXACT: Final = 2**53  # integers up to here are doubles


@dataclass(frozen=True, slots=True)
class Registry:
    """The fields as arrays, by number: the order of `registered`, the head first."""

    order: tuple[str, ...]
    names: Array
    name_at: Array
    slots: Array
    kinds: Array
    lists: Array


@cache
def registry_arrays() -> Registry:
    """Names in one row of bytes, an open hash table over them, kinds and shapes."""
    fields = registered()
    order = tuple(fields)
    assert order[: len(HEAD)] == HEAD
    texts = [name.encode() for name in order]
    ends = np.cumsum([0, *map(len, texts)]).astype(np.int32)
    names = np.frombuffer(b"".join([*texts, bytes(SLACK)]), np.uint8)
    slots = np.full(1 << (4 * len(order)).bit_length(), -1, np.int32)
    scan.fill(names, ends, slots)
    kinds = np.array([_KINDS[fields[name].type] for name in order], np.uint8)
    lists = np.array([fields[name].is_list for name in order], np.uint8)
    return Registry(order, names, ends, slots, kinds, lists)


@dataclass(frozen=True, slots=True)
class Group:
    """Cells of one place, by field.

    Attributes:
        events: numbers of its events within the append.
        position: of each event of the append within its place.
        fields: name, kind, whether it is a list, and its cells in the order of the events.
    """

    place: str
    events: Array
    mem: Array
    cells: Array
    position: Array
    fields: list[tuple[str, int, bool, Array]]


class Scanned:
    """The cells of some events.

    Args:
        events: any.
        classes: retention classes that are kept apart.
        room: memory of cells that are done with.

    Attributes:
        ids: (n, 16) bytes; times: µs. Both only of events that are not odd.
        odd: numbers of the events that are to be taken by hand.
    """

    def __init__(self, events: Sequence[Event], classes: Collection[str], room: Array) -> None:
        known = registry_arrays()
        raws = [event.raw for event in events]
        self._mem = np.frombuffer(bytearray().join([*raws, bytes(SLACK)]), np.uint8)
        starts = np.zeros(len(events) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, raws), np.int64, len(raws)), out=starts[1:])
        self.cells = _grown(room, 0, _CELLS_AN_EVENT * len(events))
        self.ids = np.zeros((len(events), ID_BYTES), np.uint8)
        self.times = np.zeros(len(events), np.int64)
        self._rows = np.full(len(events), scan.ODD, np.int64)
        places = np.full((scan.MOST_PLACES, scan.PLACE), -1, np.int64)
        last_row = np.full(len(known.order), -1, np.int64)
        follows = np.full(len(known.order) + 1, -1, np.int64)
        retention = known.order.index(RETENTION)
        done = count = doubts = 0
        while done < len(events):
            done, count, more = scan.scan(
                self._mem, starts, known.names, known.name_at, known.slots, known.kinds, known.lists,
                retention, done, count, self.cells, self.ids, self.times, self._rows, places,
                last_row, follows,
            )  # fmt: skip
            doubts += more
            if done < len(events):
                most = int(starts[done + 1] - starts[done])
                self.cells = _grown(self.cells, count, 2 * len(self.cells) + most)
        self._count = count
        if doubts:
            self._check_values()
        self._name_places(places, classes)

    @property
    def odd(self) -> list[int]:
        """Numbers of the events that nothing here is known of."""
        found: list[int] = np.flatnonzero(self._rows == scan.ODD).tolist()
        return found

    def groups(self, taken: Array) -> Iterator[Group]:
        """The cells of the events that `taken` (a mask) has true, but for odd ones."""
        known = registry_arrays()
        position = np.full(len(self._rows), -1, np.int64)
        members: list[Array] = []
        for number in range(len(self._places)):
            members.append(np.flatnonzero((self._rows == number) & taken))
            position[members[-1]] = np.arange(len(members[-1]))
        width = len(known.order)
        bounds = np.zeros(len(members) * width + 1, np.int64)
        order = np.empty(self._count, np.int64)
        gathering.group(self.cells, self._count, self._rows, position, width, bounds, order)
        for number, events in enumerate(members):
            if len(events):
                own = bounds[number * width : (number + 1) * width + 1]
                filled = np.flatnonzero(own[1:] > own[:-1]).tolist()
                fields = [
                    (
                        known.order[field],
                        int(known.kinds[field]),
                        bool(known.lists[field]),
                        order[own[field] : own[field + 1]],
                    )
                    for field in filled
                ]
                place = self._places[number]
                yield Group(place, events, self._mem, self.cells, position, fields)

    def _check_values(self) -> None:
        """Events with a number or an address that only Python can judge, and that is none, are odd."""
        cells = self.cells[: self._count]
        kinds = registry_arrays().kinds[cells[:, scan.FIELD]]
        unread = (kinds == scan.IP_KIND) & (cells[:, scan.NUMBER] == scan.NO_NUMBER)
        unread |= kinds == scan.FLOAT_KIND
        for cell in np.flatnonzero(unread & (cells[:, scan.LENGTH] != scan.EMPTY)).tolist():
            text = text_of(self._mem, cells[cell])
            sound = _is_double(text) if kinds[cell] == scan.FLOAT_KIND else address_number(text)
            if sound is None or sound is False:
                self._rows[cells[cell, scan.ROW]] = scan.ODD

    def _name_places(self, places: Array, classes: Collection[str]) -> None:
        """Numbers of datasets and classes as written become numbers of places."""
        self._places: list[str] = []
        numbers = np.full(len(places) + 1, scan.ODD, np.int64)  # the last one is that of ODD
        for number, (at, length, class_at, class_length) in enumerate(places.tolist()):
            if length < 0:
                break
            dataset = self._mem[at : at + length].tobytes().decode()
            named = self._mem[class_at : class_at + class_length].tobytes().decode()
            if not PLAIN_DATASET.fullmatch(dataset):
                continue
            place = place_of(dataset, named if named in classes else ORDINARY)
            if place not in self._places:
                self._places.append(place)
            numbers[number] = self._places.index(place)
        self._rows = numbers[self._rows]


def text_of(mem: Array, cell: Array) -> str:
    """The text of one cell."""
    at, length = int(cell[scan.AT]), int(cell[scan.LENGTH])
    return mem[at : at + length].tobytes().decode()


def _is_double(text: str) -> bool:
    if text.lstrip("-").isdigit():
        return len(text) < 20 and abs(int(text)) <= _EXACT
    return abs(float(text)) < float("inf")


def _grown(room: Array, count: int, size: int) -> Array:
    """Room for so many cells, the first ones kept."""
    if len(room) >= size:
        return room
    made = np.empty((size, scan.CELL), np.int64)
    made[:count] = room[:count]
    return made
