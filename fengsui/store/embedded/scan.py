"""JSON of events to cells, compiled: one pass over the bytes, one row of integers a value.

Only what needs no care is taken: flat objects as `fengsui.event` writes them, each value of exactly the
shape that the registry gives its field, no name twice, no blanks. Any other event is marked `ODD` and
leaves no cell; `fengsui.store.salvage` then takes it by hand. Strings are unescaped where they lie, so the
bytes are changed.
"""

from __future__ import annotations

from typing import Final

from fengsui.jit import entry, i64, inner
from fengsui.store.embedded.scan_text import (
    QUOTE,
    Bytes,
    Numbers,
    Words,
    hashed,
    hex_digit,
    peek,
    same,
    string,
)

# Columns of a cell. AT and LENGTH are of text; NUMBER is the value of a long, boolean, date (µs) or IPv4
# address, and NO_NUMBER for an address of another kind. LENGTH of an empty list is EMPTY.
FIELD: Final = 0
ROW: Final = 1
AT: Final = 2
LENGTH: Final = 3
HASH: Final = 4
NUMBER: Final = 5
CELL: Final = 6
NO_NUMBER: Final = -1
EMPTY: Final = -1

# Kinds of fields.
TEXT_KIND: Final = 0
LONG_KIND: Final = 1
FLOAT_KIND: Final = 2
BOOLEAN_KIND: Final = 3
DATE_KIND: Final = 4
IP_KIND: Final = 5

# Fields of the head, by number.
ID_FIELD: Final = 0
TIME_FIELD: Final = 1
DATASET_FIELD: Final = 2

ODD: Final = -1
MOST_PLACES: Final = 64
PLACE: Final = (
    4  # words of a place: where its dataset and its retention class are written, and their lengths
)

_LONGEST: Final = 32_766  # bytes of text in a column, as in `fengsui.store.salvage`
_STAMP: Final = 27  # characters of 2026-11-21T07:49:45.123456Z


@inner
def _name(
    mem: Bytes, at: int, end: int, names: Bytes, name_at: Numbers, slots: Numbers, guess: int
) -> int:
    """The field whose name stands from `at` to its quote, -1 for none."""
    if guess >= 0:
        length = i64(name_at[guess + 1] - name_at[guess])
        fits = at + length < end and mem[at + length] == QUOTE
        if fits and same(mem, at, names, i64(name_at[guess]), length):
            return guess
    read = at
    while read < end and mem[read] != QUOTE:
        read += 1
    seen = hashed(mem, at, read - at)
    mask = len(slots) - 1
    slot = (seen ^ seen >> 32) & mask
    while slots[slot] >= 0:
        field = i64(slots[slot])
        start = i64(name_at[field])
        length = i64(name_at[field + 1]) - start
        if length == read - at and read < end and same(mem, at, names, start, length):
            return field
        slot = (slot + 1) & mask
    return -1


@entry
def fill(names: Bytes, name_at: Numbers, slots: Numbers) -> None:
    """Enter the names of all fields into `slots`, a power of two, all -1."""
    mask = len(slots) - 1
    for field in range(len(name_at) - 1):
        start = i64(name_at[field])
        seen = hashed(names, start, i64(name_at[field + 1]) - start)
        slot = (seen ^ seen >> 32) & mask
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = field


@inner
def _digits(mem: Bytes, at: int, count: int) -> int:
    """A number of so many digits, -1 when one is none."""
    value = 0
    for k in range(count):
        digit = i64(mem[at + k]) - 48
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@inner
def _moment(mem: Bytes, at: int, length: int) -> tuple[bool, int]:
    """µs since the epoch of a canonical time."""
    if length != _STAMP:
        return False, 0
    marks = mem[at + 4] == 45 and mem[at + 7] == 45 and mem[at + 10] == 84 and mem[at + 13] == 58
    marks = marks and mem[at + 16] == 58 and mem[at + 19] == 46 and mem[at + 26] == 90
    year, month, day = _digits(mem, at, 4), _digits(mem, at + 5, 2), _digits(mem, at + 8, 2)
    hour, minute = _digits(mem, at + 11, 2), _digits(mem, at + 14, 2)
    second, micro = _digits(mem, at + 17, 2), _digits(mem, at + 20, 6)
    if not marks or year < 1000 or month < 1 or month > 12 or day < 1:
        return False, 0
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 59 or micro < 0:
        return False, 0
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = 30 if month in (4, 6, 9, 11) else 31
    if day > ((29 if leap else 28) if month == 2 else longest):
        return False, 0
    # days since 1970-01-01 of the proleptic Gregorian calendar, years begun in March
    march = (month + 9) % 12
    year -= month <= 2
    days = 365 * year + year // 4 - year // 100 + year // 400
    days += (153 * march + 2) // 5 + day - 1 - 719468
    return True, ((days * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + micro


@inner
def _ipv4(mem: Bytes, at: int, length: int) -> int:
    """Number of a dotted address, NO_NUMBER for any other text."""
    number = part = digits = dots = 0
    for k in range(length):
        char = i64(mem[at + k])
        if char == 46 and digits:
            number = number << 8 | part
            part = digits = 0
            dots += 1
        elif 48 <= char <= 57 and not (digits and part == 0):
            part = part * 10 + char - 48
            digits += 1
        else:
            return NO_NUMBER
        if part > 255:
            return NO_NUMBER
    return number << 8 | part if dots == 3 and digits else NO_NUMBER


@inner
def _number_end(mem: Bytes, at: int, end: int) -> tuple[int, bool]:
    """Where a JSON number ends (-1 for none) and whether it is written as an integer."""
    at += peek(mem, at, end) == 45
    first = at
    while 48 <= peek(mem, at, end) <= 57:
        at += 1
    if at == first or (at - first > 1 and mem[first] == 48):
        return -1, False
    whole = True
    if peek(mem, at, end) == 46:
        whole = False
        at += 1
        first = at
        while 48 <= peek(mem, at, end) <= 57:
            at += 1
        if at == first:
            return -1, False
    if peek(mem, at, end) | 32 == 101:  # e
        whole = False
        at += 1
        at += peek(mem, at, end) in (43, 45)
        first = at
        while 48 <= peek(mem, at, end) <= 57:
            at += 1
        if at == first:
            return -1, False
    return at, whole


@inner
def _word(mem: Bytes, at: int, end: int) -> int:
    """4 where `true` stands, 5 where `false` does, else 0."""
    if (
        peek(mem, at + 3, end) == 101
        and mem[at] == 116
        and mem[at + 1] == 114
        and mem[at + 2] == 117
    ):
        return 4
    if (
        peek(mem, at + 4, end) == 101
        and mem[at] == 102
        and mem[at + 1] == 97
        and mem[at + 2] == 108
        and mem[at + 3] == 115
    ):
        return 5
    return 0


@inner
def _scalar(mem: Bytes, at: int, end: int, kind: int, cells: Words, cell: int) -> int:
    """One value into a cell: what follows it, -1 when it is not of this kind."""
    if kind in (LONG_KIND, FLOAT_KIND):
        after, whole = _number_end(mem, at, end)
        cells[cell, AT] = at
        cells[cell, LENGTH] = after - at
        if after < 0 or kind == FLOAT_KIND:
            return after
        minus = i64(mem[at] == 45)
        number = _digits(mem, at + minus, after - at - minus)
        if not whole or after - at > 18 or (minus and number == 0):
            return -1
        cells[cell, NUMBER] = -number if minus else number
        return after
    if kind == BOOLEAN_KIND:
        size = _word(mem, at, end)
        cells[cell, NUMBER] = size == 4
        return at + size if size else -1
    if peek(mem, at, end) != QUOTE:
        return -1
    after, length, seen = string(mem, at + 1, end)
    if after < 0 or length > _LONGEST:
        return -1
    cells[cell, AT] = at + 1
    cells[cell, LENGTH] = length
    cells[cell, HASH] = seen
    if kind == DATE_KIND:
        sound, moment = _moment(mem, at + 1, length)
        cells[cell, NUMBER] = moment
        return after if sound else -1
    if kind == IP_KIND:
        cells[cell, NUMBER] = _ipv4(mem, at + 1, length)
    return after


@inner
def _list(mem: Bytes, at: int, end: int, kind: int, cells: Words, cell: int) -> tuple[int, int]:
    """Values of a list whose bracket is at `at`: what follows it (-1: odd), and how many cells."""
    field, row = cells[cell, FIELD], cells[cell, ROW]
    if peek(mem, at + 1, end) == 93:
        cells[cell, LENGTH] = EMPTY
        return at + 2, 1
    count = 0
    while True:
        cells[cell + count, FIELD] = field
        cells[cell + count, ROW] = row
        at = _scalar(mem, at + 1, end, kind, cells, cell + count)
        count += 1
        if at < 0:
            return -1, 0
        mark = peek(mem, at, end)
        if mark == 93:
            return at + 1, count
        if mark != 44:
            return -1, 0


@inner
def _id(mem: Bytes, at: int, length: int, ids: Bytes, row: int) -> bool:
    """32 lower-case hexadecimal digits into 16 bytes."""
    if length != 32:
        return False
    for k in range(16):
        first, second = i64(mem[at + 2 * k]), i64(mem[at + 2 * k + 1])
        high, low = hex_digit(first), hex_digit(second)
        if high < 0 or low < 0 or 65 <= first <= 70 or 65 <= second <= 70:
            return False
        ids[row, k] = high << 4 | low
    return True


@inner
def _place(mem: Bytes, cells: Words, dataset: int, retention: int, places: Words) -> int:
    """Number of the place for a dataset and a retention class (cells; -1 for no class); ODD: too many."""
    at, length = cells[dataset, AT], cells[dataset, LENGTH]
    class_at = cells[retention, AT] if retention >= 0 else 0
    class_length = cells[retention, LENGTH] if retention >= 0 else 0
    for k in range(MOST_PLACES):
        if places[k, 1] < 0:
            places[k, 0], places[k, 1] = at, length
            places[k, 2], places[k, 3] = class_at, class_length
            return k
        alike = places[k, 1] == length and places[k, 3] == class_length
        if (
            alike
            and same(mem, at, mem, places[k, 0], length)
            and same(mem, class_at, mem, places[k, 2], class_length)
        ):
            return k
    return ODD


@entry
def scan(
    mem: Bytes,
    starts: Words,
    names: Bytes,
    name_at: Numbers,
    slots: Numbers,
    kinds: Bytes,
    lists: Bytes,
    retention_field: int,
    first: int,
    count: int,
    cells: Words,
    ids: Bytes,
    times: Words,
    rows: Words,
    places: Words,
    last_row: Words,
    follows: Words,
) -> tuple[int, int, int]:
    """Cells of the events `first` and later, as far as there is room.

    Args:
        mem: the events, one behind the other; event k from `starts[k]` to `starts[k + 1]`.
        names, name_at, slots, kinds, lists: the registry (`fengsui.store.embedded.cells`).
        first, count: events done and cells filled by earlier calls.
        cells: (capacity, CELL).
        ids, times, rows: filled by event: 16 bytes of the id, µs, number of its place or ODD.
        places: (MOST_PLACES, PLACE), lengths -1 where free.
        last_row: by field, the last event that had it; -1 at first.
        follows: by field + 1, the one that followed it last; -1 at first. Only a guess.

    Returns:
        The first event not done, the cells filled, and how many of them only Python can judge.
    """
    doubts = 0
    for row in range(first, len(starts) - 1):
        at, end = starts[row], starts[row + 1]
        if count + (end - at) // 2 + 2 > len(cells):
            return row, count, doubts
        begin = count
        rows[row] = ODD
        dataset = retention = -1
        head = 0
        before = -1
        sound = peek(mem, at, end) == 123
        while sound:
            at += 1
            if peek(mem, at, end) != QUOTE:
                break
            field = _name(mem, at + 1, end, names, name_at, slots, follows[before + 1])
            if field < 0 or last_row[field] == row:
                break
            follows[before + 1] = field
            before = field
            last_row[field] = row
            at += i64(name_at[field + 1] - name_at[field]) + 2
            if peek(mem, at, end) != 58:
                break
            at += 1
            kind = i64(kinds[field])
            cells[count, FIELD] = field
            cells[count, ROW] = row
            filled = 1
            if lists[field]:
                if peek(mem, at, end) != 91:
                    break
                at, filled = _list(mem, at, end, kind, cells, count)
            else:
                at = _scalar(mem, at, end, kind, cells, count)
            if at < 0:
                break
            if kind in (FLOAT_KIND, IP_KIND):
                for cell in range(count, count + filled):
                    doubts += kind == FLOAT_KIND or cells[cell, NUMBER] == NO_NUMBER
            if field == ID_FIELD:
                filled = 0
                if not _id(mem, cells[count, AT], cells[count, LENGTH], ids, row):
                    break
                head += 1
            elif field == TIME_FIELD:
                filled = 0
                times[row] = cells[count, NUMBER]
                head += 1
            elif field == DATASET_FIELD:
                dataset = count
            elif field == retention_field:
                retention = count
            count += filled
            mark = peek(mem, at, end)
            if mark == 44:
                continue
            if mark == 125 and at + 1 == end and head == 2 and dataset >= 0:
                rows[row] = _place(mem, cells, dataset, retention, places)
            break
        if rows[row] == ODD:
            count = begin
    return len(starts) - 1, count, doubts
