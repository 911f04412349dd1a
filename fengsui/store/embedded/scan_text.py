"""Text of JSON, compiled: strings to plain UTF-8 and their hash, eight bytes at a time.

Arrays of bytes must reach SLACK bytes behind the last text. A hash is for tables only: equal texts have
equal ones, and who compares also compares the bytes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from fengsui.jit import i64, inner, load_word, low_zeros, u64

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]

BACKSLASH: Final = 92
QUOTE: Final = 34
SLACK: Final = 8  # bytes that may be read behind the last text
_SEED: Final = u64(0xCBF29CE484222325)
_FACTOR: Final = u64(0x9E3779B97F4A7C15)
_HALF: Final = u64(32)
_ZERO: Final = u64(0)
_ONE: Final = u64(1)
_ONES: Final = u64(0x0101010101010101)
_HIGHS: Final = u64(0x8080808080808080)
_QUOTES: Final = u64(0x2222222222222222)
_BACKSLASHES: Final = u64(0x5C5C5C5C5C5C5C5C)
_BLANKS: Final = u64(0x2020202020202020)


@inner
def peek(mem: Bytes, at: int, end: int) -> int:
    """A byte, 0 behind the end."""
    return i64(mem[at]) if at < end else i64(0)


@inner
def hex_digit(char: int) -> int:
    """Value of a hexadecimal digit, -1 for none."""
    if 48 <= char <= 57:
        return char - 48
    low = char | 32
    return low - 87 if 97 <= low <= 102 else -1


@inner
def _unit(mem: Bytes, at: int, end: int) -> int:
    """Four hexadecimal digits, -1 when they are none."""
    value = 0
    for k in range(4):
        digit = hex_digit(peek(mem, at + k, end))
        if digit < 0:
            return -1
        value = value << 4 | digit
    return value


@inner
def _utf8(mem: Bytes, at: int, end: int) -> int:
    """Length of a well-formed sequence of more than one byte (RFC 3629), 0 when it is none."""
    lead = i64(mem[at])
    second = peek(mem, at + 1, end)
    size = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    low = 0xA0 if lead == 0xE0 else 0x90 if lead == 0xF0 else 0x80
    high = 0x9F if lead == 0xED else 0x8F if lead == 0xF4 else 0xBF
    if lead < 0xC2 or lead > 0xF4 or second < low or second > high:
        return 0
    for k in range(2, size):
        if peek(mem, at + k, end) & 0xC0 != 0x80:
            return 0
    return size


@inner
def _put(mem: Bytes, at: int, point: int) -> int:
    """Write a code point; how many bytes."""
    if point < 0x80:
        mem[at] = point
        return 1
    if point < 0x800:
        mem[at] = 0xC0 | point >> 6
        mem[at + 1] = 0x80 | point & 0x3F
        return 2
    if point < 0x10000:
        mem[at] = 0xE0 | point >> 12
        mem[at + 1] = 0x80 | point >> 6 & 0x3F
        mem[at + 2] = 0x80 | point & 0x3F
        return 3
    mem[at] = 0xF0 | point >> 18
    mem[at + 1] = 0x80 | point >> 12 & 0x3F
    mem[at + 2] = 0x80 | point >> 6 & 0x3F
    mem[at + 3] = 0x80 | point & 0x3F
    return 4


@inner
def _escape(mem: Bytes, at: int, end: int) -> tuple[int, int]:
    """Code point of the escape whose backslash is at `at`, and its length; (-1, 0) for none."""
    char = peek(mem, at + 1, end)
    if char == 117:  # u
        point = _unit(mem, at + 2, end)
        if 0xD800 <= point < 0xDC00:
            low = _unit(mem, at + 8, end)
            pair = peek(mem, at + 6, end) == BACKSLASH and peek(mem, at + 7, end) == 117
            if not pair or low < 0xDC00 or low > 0xDFFF:
                return -1, 0
            return 0x10000 + ((point - 0xD800) << 10) + low - 0xDC00, 12
        if 0xDC00 <= point <= 0xDFFF:
            return -1, 0
        return point, 6
    if char in (QUOTE, BACKSLASH, 47):
        return char, 2
    named = 8 if char == 98 else 12 if char == 102 else 10 if char == 110 else -1
    named = 13 if char == 114 else 9 if char == 116 else named
    return named, 2


@inner
def _mixed(seen: int, word: int) -> int:
    """One more word of a text in its hash."""
    seen = (seen ^ word) * _FACTOR
    return seen ^ seen >> _HALF


@inner
def _low_bytes(word: int, count: int) -> int:
    """The first bytes of a word, fewer than eight."""
    return word & ((_ONE << u64(8 * count)) - _ONE)


@inner
def hashed(mem: Bytes, at: int, length: int) -> int:
    """Hash of a text, as `string` gives it."""
    seen = _SEED
    while length >= 8:
        seen = _mixed(seen, load_word(mem, at))
        at += 8
        length -= 8
    return i64(_mixed(seen, _low_bytes(load_word(mem, at), length)) + u64(length))


@inner
def string(mem: Bytes, at: int, end: int) -> tuple[int, int, int]:
    """Unescape the text from `at` to its quote: what follows the quote (-1: odd), length, hash.

    Eight bytes at a time as long as they are plain. The lowest mark of a test is always true; those above
    it may be wrong.
    """
    seen = _SEED
    read = at
    while read < end:
        word = load_word(mem, read)
        quotes = word ^ _QUOTES
        slashes = word ^ _BACKSLASHES
        marks = (quotes - _ONES) & ~quotes | (slashes - _ONES) & ~slashes | (word - _BLANKS) & ~word
        marks = (marks | word) & _HIGHS
        if marks == _ZERO:
            seen = _mixed(seen, word)
            read += 8
            continue
        plain = low_zeros(marks) >> 3
        if read + plain >= end:
            return -1, 0, 0
        if mem[read + plain] != QUOTE:
            return _odd_string(mem, at, read + plain, end)
        seen = _mixed(seen, _low_bytes(word, plain)) + u64(plain)
        return read + plain + 1, read + plain - at, i64(seen)
    return -1, 0, 0


@inner
def _odd_string(mem: Bytes, at: int, read: int, end: int) -> tuple[int, int, int]:
    """The same for a text that is plain up to `read`."""
    write = read
    while read < end:
        char = i64(mem[read])
        if char == QUOTE:
            return read + 1, write - at, hashed(mem, at, write - at)
        if char < 32:
            break
        size = taken = 1
        if char >= 0x80:
            size = taken = _utf8(mem, read, end)
        elif char == BACKSLASH:
            point, taken = _escape(mem, read, end)
            size = _put(mem, write, point) if point >= 0 else 0
        if size == 0:
            break
        if char != BACKSLASH:
            for k in range(size):
                mem[write + k] = mem[read + k]
        read += taken
        write += size
    return -1, 0, 0


@inner
def same(mem: Bytes, at: int, other: Bytes, start: int, length: int) -> bool:
    """Whether two texts of one length are equal."""
    while length >= 8:
        if load_word(mem, at) != load_word(other, start):
            return False
        at += 8
        start += 8
        length -= 8
    return _low_bytes(load_word(mem, at) ^ load_word(other, start), length) == _ZERO
