"""JA3, JA3S and JA4 out of the parts of a hello that `sensors.packet.tls` found."""

from __future__ import annotations

from typing import Final

from sensors.packet.containers import read16
from sensors.packet.hashing import md5, sha256
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import put_digits, put_hex, put_hex_bytes, put_number
from sensors.packet.layout import SCRATCH, SCRATCH_SIZE, Bytes, Words

# Places of the parts, as in sensors.packet.tls.
SNI, GROUPS, FORMATS, SIGNATURES, ALPN, VERSIONS, CIPHERS, EXTENSIONS = range(102, 118, 2)
_TEXT: Final = SCRATCH + 14 * 1024  # the gathered hello lies before
_DIGEST: Final = SCRATCH + SCRATCH_SIZE - 512
_SORTED: Final = 128  # numbers to sort, in the work words
_MAX_SORTED: Final = 800


@compiled
def _is_grease(value: int) -> bool:
    """RFC 8701: 0x0A0A, 0x1A1A, … 0xFAFA."""
    return value & 0x0F0F == 0x0A0A and value >> 8 == value & 255


@compiled
def _put_decimals(mem: Bytes, pos: int, at: int, end: int, width: int) -> int:
    """Numbers of a list joined by `-`, without GREASE."""
    first = True
    while at + width <= end:
        value = read16(mem, at, 1) if width == 2 else i64(mem[at])
        at += width
        if width == 2 and _is_grease(value):
            continue
        if not first:
            mem[pos] = 45
            pos += 1
        first = False
        pos = put_number(mem, pos, value)
    return pos


@compiled
def _put_extensions(mem: Bytes, pos: int, at: int, end: int) -> int:
    first = True
    while at + 4 <= end:
        value = read16(mem, at, 1)
        at += 4 + read16(mem, at + 2, 1)
        if _is_grease(value):
            continue
        if not first:
            mem[pos] = 45
            pos += 1
        first = False
        pos = put_number(mem, pos, value)
    return pos


@compiled
def _comma(mem: Bytes, pos: int) -> int:
    mem[pos] = 44
    return pos + 1


@compiled
def ja3_client(mem: Bytes, w: Words, out: int, version: int) -> int:
    """MD5 over version,ciphers,extensions,groups,formats; position behind its 32 digits."""
    pos = _comma(mem, put_number(mem, _TEXT, version))
    pos = _comma(mem, _put_decimals(mem, pos, w[CIPHERS], w[CIPHERS + 1], 2))
    pos = _comma(mem, _put_extensions(mem, pos, w[EXTENSIONS], w[EXTENSIONS + 1]))
    pos = _comma(mem, _put_decimals(mem, pos, w[GROUPS] + 2, w[GROUPS + 1], 2))
    pos = _put_decimals(mem, pos, w[FORMATS] + 1, w[FORMATS + 1], 1)
    md5(mem, w, _TEXT, pos - _TEXT, _DIGEST)
    return put_hex_bytes(mem, out, out + 64, _DIGEST, _DIGEST + 16)


@compiled
def ja3_server(mem: Bytes, w: Words, out: int, version: int, chosen: int) -> int:
    """MD5 over version,cipher,extensions."""
    pos = _comma(mem, put_number(mem, _TEXT, version))
    pos = _comma(mem, put_number(mem, pos, read16(mem, chosen, 1)))
    pos = _put_extensions(mem, pos, w[EXTENSIONS], w[EXTENSIONS + 1])
    md5(mem, w, _TEXT, pos - _TEXT, _DIGEST)
    return put_hex_bytes(mem, out, out + 64, _DIGEST, _DIGEST + 16)


@compiled
def _sort(w: Words, count: int) -> None:
    """Insertion sort of the numbers at _SORTED: a few dozen."""
    for i in range(1, count):
        value = w[_SORTED + i]
        j = i - 1
        while j >= 0 and w[_SORTED + j] > value:
            w[_SORTED + j + 1] = w[_SORTED + j]
            j -= 1
        w[_SORTED + j + 1] = value


@compiled
def _put_codes(mem: Bytes, w: Words, pos: int, count: int) -> int:
    for i in range(count):
        if i:
            pos = _comma(mem, pos)
        pos = put_hex(mem, pos, w[_SORTED + i], 4)
    return pos


@compiled
def _put_digest(mem: Bytes, w: Words, out: int, end: int) -> int:
    """First 12 digits of SHA-256 over the text, zeros where it is empty."""
    if end == _TEXT:
        for i in range(12):
            mem[out + i] = 48
        return out + 12
    sha256(mem, w, _TEXT, end - _TEXT, _DIGEST)
    return put_hex_bytes(mem, out, out + 64, _DIGEST, _DIGEST + 6)


@compiled
def ja4_client(mem: Bytes, w: Words, out: int, version: int) -> int:
    """JA4 of a hello over TCP; -1 where it has absurdly many parts."""
    best = 0
    for at in range(w[VERSIONS] + 1, w[VERSIONS + 1] - 1, 2):
        offered = read16(mem, at, 1)
        if not _is_grease(offered):
            best = max(best, offered)
    ciphers = 0
    for at in range(w[CIPHERS], w[CIPHERS + 1] - 1, 2):
        value = read16(mem, at, 1)
        if not _is_grease(value):
            if ciphers >= _MAX_SORTED:
                return -1
            w[_SORTED + ciphers] = value
            ciphers += 1
    _sort(w, ciphers)
    end = _put_codes(mem, w, _TEXT, ciphers)
    mem[out] = 116  # t
    pos = _put_version(mem, out + 1, best if best else version)
    mem[pos] = 100 if w[SNI] else 105
    pos = put_digits(mem, pos + 1, min(ciphers, 99), 2)
    counts = pos
    pos = _put_alpn(mem, w, pos + 2)
    mem[pos] = 95
    pos = _put_digest(mem, w, pos + 1, end)
    mem[pos] = 95
    total = 0
    kept = 0
    at = w[EXTENSIONS]
    while at + 4 <= w[EXTENSIONS + 1]:
        value = read16(mem, at, 1)
        at += 4 + read16(mem, at + 2, 1)
        if _is_grease(value):
            continue
        total += 1
        if value == 0 or value == 16:
            continue
        if kept >= _MAX_SORTED:
            return -1
        w[_SORTED + kept] = value
        kept += 1
    put_digits(mem, counts, min(total, 99), 2)
    _sort(w, kept)
    end = _put_codes(mem, w, _TEXT, kept)
    first = True
    for at in range(w[SIGNATURES] + 2, w[SIGNATURES + 1] - 1, 2):
        value = read16(mem, at, 1)
        if _is_grease(value):
            continue
        mem[end] = 95 if first else 44
        first = False
        end = put_hex(mem, end + 1, value, 4)
    if kept == 0:
        end = _TEXT
    return _put_digest(mem, w, pos + 1, end)


@compiled
def ja4_server(mem: Bytes, w: Words, out: int, version: int, chosen: int) -> int:
    """JA4S of a hello over TCP: its extensions in the order in which they came."""
    count = 0
    pos = _TEXT
    at = w[EXTENSIONS]
    while at + 4 <= w[EXTENSIONS + 1] and count < 500:
        value = read16(mem, at, 1)
        at += 4 + read16(mem, at + 2, 1)
        if _is_grease(value):
            continue
        if count:
            pos = _comma(mem, pos)
        pos = put_hex(mem, pos, value, 4)
        count += 1
    mem[out] = 116  # t: over TCP
    place = put_digits(mem, _put_version(mem, out + 1, version), min(count, 99), 2)
    place = _put_alpn(mem, w, place)
    mem[place] = 95
    place = put_hex(mem, place + 1, read16(mem, chosen, 1), 4)
    mem[place] = 95
    return _put_digest(mem, w, place + 1, pos)


@compiled
def _put_version(mem: Bytes, pos: int, version: int) -> int:
    """13, 12, 11, 10, s3, s2, 00."""
    first = 48
    second = 48
    if version >= 0x0301 and version <= 0x0304:
        first = 49
        second = 48 + version - 0x0301
    elif version == 0x0300 or version == 0x0002:
        first = 115
        second = 51 if version else 50
    mem[pos] = first
    mem[pos + 1] = second
    return pos + 2


@compiled
def _is_alphanumeric(byte: int) -> bool:
    return (
        (byte >= 48 and byte <= 57) or (byte >= 65 and byte <= 90) or (byte >= 97 and byte <= 122)
    )


@compiled
def _put_alpn(mem: Bytes, w: Words, pos: int) -> int:
    """First and last character of the first ALPN value; of its hexadecimal form where odd."""
    at = w[ALPN] + 3
    first = 48
    last = 48
    if w[ALPN] and at < w[ALPN + 1]:
        size = min(i64(mem[at - 1]), w[ALPN + 1] - at)
        if size > 0:
            first = i64(mem[at])
            last = i64(mem[at + size - 1])
            if not _is_alphanumeric(first) or not _is_alphanumeric(last):
                put_hex(mem, _DIGEST, first, 2)
                put_hex(mem, _DIGEST + 2, last, 2)
                first = i64(mem[_DIGEST])
                last = i64(mem[_DIGEST + 3])
    mem[pos] = first
    mem[pos + 1] = last
    return pos + 2
