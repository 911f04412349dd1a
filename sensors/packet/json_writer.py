"""JSON text into the arena. Each function writes at `pos` and returns the position behind.

Text from the wire is hostile: quotes, backslashes and controls are escaped, valid UTF-8 is kept,
and a byte that is no valid UTF-8 becomes U+0000 plus its value (Latin-1), so nothing is lost.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sensors.packet.jit import compiled, i64
from sensors.packet.layout import SECOND, Bytes
from sensors.packet.texts import BLOB, QUOTE

HEX: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
HEX_UPPER: Final = np.frombuffer(b"0123456789ABCDEF", np.uint8)
BASE64: Final = np.frombuffer(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", np.uint8
)
BASE62: Final = np.frombuffer(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", np.uint8
)
_SLACK: Final = 8  # longest output of one input byte, and a closing quote


@compiled
def put(mem: Bytes, pos: int, words: int) -> int:
    """A constant text of `sensors.packet.texts`."""
    start = words >> 12
    size = words & 4095
    for i in range(size):
        mem[pos + i] = BLOB[start + i]
    return pos + size


@compiled
def put_number(mem: Bytes, pos: int, value: int) -> int:
    """A decimal integer ≥ 0."""
    digits = 1
    rest = value // 10
    while rest > 0:
        digits += 1
        rest //= 10
    for i in range(digits - 1, -1, -1):
        mem[pos + i] = 48 + value % 10
        value //= 10
    return pos + digits


@compiled
def put_digits(mem: Bytes, pos: int, value: int, width: int) -> int:
    """A decimal integer with leading zeros."""
    for i in range(width - 1, -1, -1):
        mem[pos + i] = 48 + value % 10
        value //= 10
    return pos + width


@compiled
def put_member(mem: Bytes, pos: int, name: int, value: int) -> int:
    """`,"name":123`."""
    return put_number(mem, put(mem, pos, name), value)


@compiled
def put_text_member(mem: Bytes, pos: int, name: int, value: int) -> int:
    """`,"name":"constant text"`."""
    return put(mem, put(mem, put(mem, pos, name), value), QUOTE)


@compiled
def put_hex(mem: Bytes, pos: int, value: int, digits: int) -> int:
    """Lower-case hexadecimal digits of a non-negative int64."""
    for i in range(digits):
        mem[pos + i] = HEX[(value >> (4 * (digits - 1 - i))) & 15]
    return pos + digits


@compiled
def put_hex_bytes(mem: Bytes, pos: int, limit: int, at: int, end: int) -> int:
    """Bytes as lower-case hexadecimal, as many as fit before `limit`."""
    while at < end and pos + _SLACK < limit:
        byte = i64(mem[at])
        mem[pos] = HEX[byte >> 4]
        mem[pos + 1] = HEX[byte & 15]
        pos += 2
        at += 1
    return pos


@compiled
def put_hash(mem: Bytes, pos: int, value: np.uint64) -> int:
    """16 hexadecimal digits."""
    for i in range(16):
        mem[pos + i] = HEX[np.int64((value >> np.uint64(60 - 4 * i)) & np.uint64(15))]
    return pos + 16


@compiled
def put_time(mem: Bytes, pos: int, time: int) -> int:
    """`YYYY-MM-DDTHH:MM:SS.ffffffZ` of nanoseconds since the epoch, UTC."""
    seconds = time // SECOND
    micro = (time % SECOND) // 1000
    days = seconds // 86_400
    rest = seconds % 86_400
    # Civil date out of days: eras of 400 years that begin in March.
    z = days + 719_468
    era = z // 146_097
    day_of_era = z - era * 146_097
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    pos = put_digits(mem, pos, year, 4)
    mem[pos] = 45
    pos = put_digits(mem, pos + 1, month, 2)
    mem[pos] = 45
    pos = put_digits(mem, pos + 1, day, 2)
    mem[pos] = 84
    pos = put_digits(mem, pos + 1, rest // 3600, 2)
    mem[pos] = 58
    pos = put_digits(mem, pos + 1, rest // 60 % 60, 2)
    mem[pos] = 58
    pos = put_digits(mem, pos + 1, rest % 60, 2)
    mem[pos] = 46
    pos = put_digits(mem, pos + 1, micro, 6)
    mem[pos] = 90
    return pos + 1


@compiled
def put_ipv4(mem: Bytes, pos: int, address: int) -> int:
    """Dotted quad."""
    pos = put_number(mem, pos, (address >> 24) & 255)
    for shift in (16, 8, 0):
        mem[pos] = 46
        pos = put_number(mem, pos + 1, (address >> shift) & 255)
    return pos


@compiled
def _group(high: int, low: int, index: int) -> int:
    if index < 4:
        return (high >> (48 - 16 * index)) & 0xFFFF
    return (low >> (48 - 16 * (index - 4))) & 0xFFFF


@compiled
def put_ipv6(mem: Bytes, pos: int, high: int, low: int) -> int:
    """RFC 5952: lower case, the longest run of two or more zero groups as `::`."""
    best = -1
    best_size = 1
    run = 0
    for i in range(8):
        if _group(high, low, i) == 0:
            run += 1
            if run > best_size:
                best = i - run + 1
                best_size = run
        else:
            run = 0
    i = 0
    while i < 8:
        if i == best:
            mem[pos] = 58
            mem[pos + 1] = 58
            pos += 2
            i += best_size
            continue
        if i > 0 and i != best + best_size:
            mem[pos] = 58
            pos += 1
        value = _group(high, low, i)
        digits = 4 if value > 0xFFF else 3 if value > 0xFF else 2 if value > 0xF else 1
        pos = put_hex(mem, pos, value, digits)
        i += 1
    return pos


@compiled
def put_address(mem: Bytes, pos: int, family: int, high: int, low: int) -> int:
    """IPv4 or IPv6 text."""
    if family == 4:
        return put_ipv4(mem, pos, low)
    return put_ipv6(mem, pos, high, low)


@compiled
def put_mac(mem: Bytes, pos: int, address: int) -> int:
    """ECS form: `00-00-5E-00-53-23`."""
    for i in range(6):
        byte = (address >> (40 - 8 * i)) & 255
        mem[pos] = HEX_UPPER[byte >> 4]
        mem[pos + 1] = HEX_UPPER[byte & 15]
        mem[pos + 2] = 45
        pos += 3
    return pos - 1


@compiled
def put_base64(mem: Bytes, pos: int, at: int, size: int) -> int:
    """Base64 with padding."""
    i = 0
    while i < size:
        first = i64(mem[at + i])
        second = i64(mem[at + i + 1]) if i + 1 < size else 0
        third = i64(mem[at + i + 2]) if i + 2 < size else 0
        word = first << 16 | second << 8 | third
        mem[pos] = BASE64[word >> 18]
        mem[pos + 1] = BASE64[(word >> 12) & 63]
        mem[pos + 2] = BASE64[(word >> 6) & 63] if i + 1 < size else 61
        mem[pos + 3] = BASE64[word & 63] if i + 2 < size else 61
        pos += 4
        i += 3
    return pos


@compiled
def put_base62(mem: Bytes, pos: int, value: np.uint64, digits: int) -> int:
    """Digits of the number in base 62, last digit first."""
    base = np.uint64(62)
    for i in range(digits):
        mem[pos + i] = BASE62[np.int64(value % base)]
        value //= base
    return pos + digits


@compiled
def utf8_size(mem: Bytes, at: int, end: int) -> int:
    """Bytes of the valid UTF-8 sequence at `at` (RFC 3629), or 0."""
    first = i64(mem[at])
    if first < 0xC2 or first > 0xF4:
        return 0
    size = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    if at + size > end:
        return 0
    second = i64(mem[at + 1])
    low = 0xA0 if first == 0xE0 else 0x90 if first == 0xF0 else 0x80
    high = 0x9F if first == 0xED else 0x8F if first == 0xF4 else 0xBF
    if second < low or second > high:
        return 0
    for i in range(2, size):
        if mem[at + i] & 0xC0 != 0x80:
            return 0
    return size


@compiled
def put_escaped(mem: Bytes, pos: int, byte: int) -> int:
    """One byte below 0x80 that JSON wants escaped, or a stray byte above as U+0080…U+00FF."""
    if byte == 34 or byte == 92:
        mem[pos] = 92
        mem[pos + 1] = byte
        return pos + 2
    mem[pos] = 92
    mem[pos + 1] = 117
    return put_hex(mem, pos + 2, byte, 4)


@compiled
def put_string(mem: Bytes, pos: int, limit: int, at: int, end: int, lower: int) -> int:
    """Bytes as the inside of a JSON string, as many as fit before `limit`; `lower` folds A-Z."""
    while at < end and pos + _SLACK < limit:
        byte = i64(mem[at])
        if byte >= 0x80:
            size = utf8_size(mem, at, end)
            if size == 0:
                pos = put_escaped(mem, pos, byte)
                at += 1
            for i in range(size):
                mem[pos + i] = mem[at + i]
            pos += size
            at += size
            continue
        if byte < 32 or byte == 34 or byte == 92:
            pos = put_escaped(mem, pos, byte)
        else:
            if lower and byte >= 65 and byte <= 90:
                byte += 32
            mem[pos] = byte
            pos += 1
        at += 1
    return pos


@compiled
def put_string_member(mem: Bytes, pos: int, limit: int, name: int, at: int, end: int) -> int:
    """`,"name":"text"`; nothing where the text is empty or there is no room."""
    if at >= end or pos + (name & 4095) + 4 * _SLACK > limit:
        return pos
    pos = put(mem, pos, name)
    pos = put_string(mem, pos, limit - 1, at, end, 0)
    mem[pos] = 34
    return pos + 1


@compiled
def copy(mem: Bytes, to: int, at: int, size: int) -> None:
    """Copy forward: safe for regions apart, and for moving down within one."""
    for i in range(size):
        mem[to + i] = mem[at + i]
