"""Cells by place and field, and what columns are made of, compiled. See `fengsui.store.embedded.scan`."""

from __future__ import annotations

from typing import Final

from fengsui.jit import entry
from fengsui.store.embedded.scan import AT, EMPTY, FIELD, HASH, LENGTH, ROW
from fengsui.store.embedded.scan_text import Bytes, Numbers, Words, same

_PROBES: Final = 64


@entry
def group(
    cells: Words, count: int, rows: Words, position: Words, fields: int, starts: Words, order: Words
) -> None:
    """Cells by place and field, in the order of their events.

    Args:
        rows: place of each event.
        position: of each event within its place; negative where it is left out.
        fields: how many there are.
        starts: (places * fields + 1), zeros; filled with where each group begins in `order`.
        order: (count), filled with numbers of cells.
    """
    for cell in range(count):
        row = cells[cell, ROW]
        if position[row] >= 0:
            starts[rows[row] * fields + cells[cell, FIELD] + 1] += 1
    for key in range(len(starts) - 1):
        starts[key + 1] += starts[key]
    for cell in range(count):
        row = cells[cell, ROW]
        if position[row] >= 0:
            key = rows[row] * fields + cells[cell, FIELD]
            order[starts[key]] = cell
            starts[key] += 1
    for key in range(len(starts) - 1, 0, -1):
        starts[key] = starts[key - 1]
    starts[0] = 0


@entry
def encode(
    mem: Bytes,
    cells: Words,
    chosen: Words,
    position: Words,
    slots: Numbers,
    values: Numbers,
    present: Bytes,
    distinct: Words,
) -> int:
    """Number the different texts of cells in order of appearance.

    Args:
        position: of each event.
        slots: a power of two, at least twice as many as `distinct`; all -1.
        values, present: filled by event as in `spread`.
        distinct: filled with the first cell of each text.

    Returns:
        How many there are; -1 when they are more than `distinct` has room for, or hash too badly.
    """
    found = 0
    mask = len(slots) - 1
    for k in range(len(chosen)):
        cell = chosen[k]
        seen = cells[cell, HASH]
        at, length = cells[cell, AT], cells[cell, LENGTH]
        slot = (seen ^ seen >> 32) & mask
        probes = 0
        while slots[slot] >= 0:
            other = distinct[slots[slot]]
            alike = cells[other, HASH] == seen and cells[other, LENGTH] == length
            if alike and same(mem, at, mem, cells[other, AT], length):
                break
            slot = (slot + 1) & mask
            probes += 1
            if probes > _PROBES:
                return -1
        if slots[slot] < 0:
            if found == len(distinct):
                return -1
            slots[slot] = found
            distinct[found] = cell
            found += 1
        place = position[cells[cell, ROW]]
        values[place] = slots[slot]
        present[place >> 3] |= 1 << (place & 7)
    return found


@entry
def gather(mem: Bytes, cells: Words, chosen: Words, offsets: Numbers, data: Bytes) -> None:
    """Texts of cells, one behind the other; `offsets` has one more than they are."""
    end = 0
    for k in range(len(chosen)):
        at, length = cells[chosen[k], AT], cells[chosen[k], LENGTH]
        for part in range(length):
            data[end + part] = mem[at + part]
        end += length
        offsets[k + 1] = end


@entry
def total(cells: Words, chosen: Words) -> int:
    """Bytes of the texts of cells."""
    length = 0
    for k in range(len(chosen)):
        length += cells[chosen[k], LENGTH]
    return length


@entry
def spread(
    cells: Words, chosen: Words, position: Words, column: int, values: Words, present: Bytes
) -> None:
    """One column of cells by event; `present` (a bit an event, lowest first) is zero at first."""
    for k in range(len(chosen)):
        cell = chosen[k]
        at = position[cells[cell, ROW]]
        values[at] = cells[cell, column]
        present[at >> 3] |= 1 << (at & 7)


@entry
def lengths(cells: Words, chosen: Words, position: Words, offsets: Numbers, present: Bytes) -> int:
    """Offsets of lists by event (zeros at first, one more than events); how many values there are."""
    count = 0
    for k in range(len(chosen)):
        cell = chosen[k]
        at = position[cells[cell, ROW]]
        present[at >> 3] |= 1 << (at & 7)
        if cells[cell, LENGTH] != EMPTY:
            offsets[at + 1] += 1
            chosen[count] = cell
            count += 1
    for k in range(len(offsets) - 1):
        offsets[k + 1] += offsets[k]
    return count
