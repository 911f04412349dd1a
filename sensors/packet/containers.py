"""Records of pcap and pcapng files, one at a time, out of the input buffer.

Formats: draft-ietf-opsawg-pcap and -pcapng; byte orders and time resolutions of each; several
interfaces; Enhanced, Simple and the old Packet Blocks; unknown blocks are skipped by their length.
"""

from __future__ import annotations

from typing import Final

from sensors.packet.jit import compiled, i64
from sensors.packet.kinds import BAD_RECORD, BAD_TIME, TOO_MANY_INTERFACES, UNTIMED, ZERO_FILLED
from sensors.packet.layout import MAX_INTERFACES, MAX_PACKET, SECOND, Bytes, Record, Words

PACKET: Final = 1  # state.packet … state.time tell it
OTHER_BLOCK: Final = 2
NEED_INPUT: Final = 0
BROKEN: Final = -1  # what follows cannot be found: the rest is lost

_NG_SECTION: Final = 0x0A0D0D0A
_MICROSECONDS: Final = 6
_LAST_SECOND: Final = 9_000_000_000  # year 2255: int64 nanoseconds end in 2262
NO_LINK: Final = -1
_TAGGED: Final = 16  # TP_STATUS_VLAN_VALID


@compiled
def read16(mem: Bytes, at: int, big: int) -> int:
    """Unsigned 16 bits."""
    if big:
        return (i64(mem[at]) << 8) | i64(mem[at + 1])
    return (i64(mem[at + 1]) << 8) | i64(mem[at])


@compiled
def read32(mem: Bytes, at: int, big: int) -> int:
    """Unsigned 32 bits."""
    if big:
        return (read16(mem, at, 1) << 16) | read16(mem, at + 2, 1)
    return (read16(mem, at + 2, 0) << 16) | read16(mem, at, 0)


@compiled
def next_record(mem: Bytes, s: Record, losses: Words) -> int:
    """Step over one record or block; PACKET, OTHER_BLOCK, NEED_INPUT or BROKEN."""
    if s.skip > 0:
        step = min(s.skip, s.limit - s.position)
        s.skip -= step
        s.position += step
        if s.skip > 0:
            return NEED_INPUT
    if s.ring:
        return _next_frame(mem, s, losses)
    if s.pcapng:
        return _next_block(mem, s, losses)
    return _next_pcap(mem, s, losses)


@compiled
def _next_frame(mem: Bytes, s: Record, losses: Words) -> int:
    """A frame of a TPACKET_V3 block (linux/if_packet.h), which lies whole in the input region."""
    if s.ring_left <= 0:
        return NEED_INPUT
    at = s.position
    s.ring_left -= 1
    captured = 0
    data = s.limit + 1
    if at + 48 <= s.limit:
        captured = read32(mem, at + 12, 0)
        data = at + read16(mem, at + 24, 0)
    if data + captured > s.limit:
        losses[BAD_RECORD] += 1
        s.ring_left = 0
        return NEED_INPUT
    s.packet = data
    s.captured = captured
    s.length = max(captured, read32(mem, at + 16, 0))
    s.link = s.if_link[0]
    # The driver has taken the outer tag off: it stands in the header.
    s.ring_vlan = read32(mem, at + 32, 0) & 0xFFF if read32(mem, at + 20, 0) & _TAGGED else -1
    s.position = at + read32(mem, at, 0)
    _set_time(s, losses, read32(mem, at + 4, 0), read32(mem, at + 8, 0))
    return PACKET


@compiled
def _next_pcap(mem: Bytes, s: Record, losses: Words) -> int:
    at = s.position
    header = s.record_header
    if s.limit - at < header:
        return NEED_INPUT
    big = s.big_endian
    seconds = read32(mem, at, big)
    fraction = read32(mem, at + 4, big)
    captured = read32(mem, at + 8, big)
    length = read32(mem, at + 12, big)
    if seconds == 0 and fraction == 0 and captured == 0 and length == 0:
        losses[ZERO_FILLED] += 1  # the unwritten tail of a preallocated file
        return BROKEN
    if captured > MAX_PACKET:
        losses[BAD_RECORD] += 1
        return BROKEN
    if s.limit - at < header + captured:
        return NEED_INPUT
    length = max(length, captured)
    s.packet = at + header
    s.captured = captured
    s.length = length
    s.link = s.if_link[0]
    s.position = at + header + captured
    _set_time(s, losses, seconds, fraction if s.nanoseconds else fraction * 1000)
    return PACKET


@compiled
def _set_time(s: Record, losses: Words, seconds: int, nanoseconds: int) -> None:
    time = seconds * SECOND + nanoseconds
    if seconds < 0 or seconds > _LAST_SECOND or nanoseconds < 0 or nanoseconds >= 4_300 * SECOND:
        losses[BAD_TIME] += 1
        return  # keeps the time of the packet before
    if nanoseconds >= SECOND:
        losses[BAD_TIME] += 1
    s.time = time


@compiled
def _next_block(mem: Bytes, s: Record, losses: Words) -> int:
    at = s.position
    if s.limit - at < 12:
        return NEED_INPUT
    kind = read32(mem, at, s.big_endian)
    if kind == _NG_SECTION:
        order = read32(mem, at + 8, 1)
        if order == 0x1A2B3C4D:
            s.big_endian = 1
        elif order == 0x4D3C2B1A:
            s.big_endian = 0
        else:
            losses[BAD_RECORD] += 1
            return BROKEN
        s.interfaces = 0
    total = read32(mem, at + 4, s.big_endian)
    step = (total + 3) & ~3
    if total < 12:
        losses[ZERO_FILLED if kind == 0 and total == 0 else BAD_RECORD] += 1
        return BROKEN
    is_packet = kind == 2 or kind == 3 or kind == 6
    if step > MAX_PACKET + 64 * 1024:
        if is_packet or total > 1 << 30:
            losses[BAD_RECORD] += 1
            return BROKEN
        if kind != 1:
            s.skip = step
            return OTHER_BLOCK
        losses[BAD_RECORD] += 1
        return BROKEN
    if s.limit - at < step:
        return NEED_INPUT
    s.position = at + step
    if kind == 1:
        _interface(mem, s, losses, at, total)
        return OTHER_BLOCK
    if not is_packet:
        return OTHER_BLOCK
    return _packet_block(mem, s, losses, at, total, kind)


@compiled
def _interface(mem: Bytes, s: Record, losses: Words, at: int, total: int) -> None:
    if total < 20 or s.interfaces >= MAX_INTERFACES:
        losses[TOO_MANY_INTERFACES if total >= 20 else BAD_RECORD] += 1
        return
    big = s.big_endian
    number = s.interfaces
    s.interfaces += 1
    s.if_link[number] = read16(mem, at + 8, big)
    s.if_snap[number] = read32(mem, at + 12, big)
    s.if_resolution[number] = _MICROSECONDS
    s.if_offset[number] = 0
    option = at + 16
    end = at + total - 4
    while option + 4 <= end:
        code = read16(mem, option, big)
        size = read16(mem, option + 2, big)
        value = option + 4
        if code == 0 or value + size > end:
            break
        if code == 9 and size >= 1:
            s.if_resolution[number] = mem[value]
        elif code == 14 and size >= 8:
            first = read32(mem, value, big)
            second = read32(mem, value + 4, big)
            high = first if big else second
            low = second if big else first
            s.if_offset[number] = ((high & 0x7FFFFFFF) << 32 | low) if high < 0x80000000 else 0
        option = value + ((size + 3) & ~3)


@compiled
def _packet_block(mem: Bytes, s: Record, losses: Words, at: int, total: int, kind: int) -> int:
    big = s.big_endian
    head = 28
    number = 0
    if kind == 3:
        head = 12
    elif kind == 6:
        number = read32(mem, at + 8, big)
    else:
        number = read16(mem, at + 8, big)
    if total < head + 4:
        losses[BAD_RECORD] += 1
        return OTHER_BLOCK
    known = number < s.interfaces
    room = total - head - 4
    if kind == 3:
        length = read32(mem, at + 8, big)
        captured = min(length, room)
        if known and s.if_snap[0] > 0:
            captured = min(captured, s.if_snap[0])
        losses[UNTIMED] += 1
    else:
        captured = read32(mem, at + 20, big)
        length = read32(mem, at + 24, big)
    if captured > room:
        losses[BAD_RECORD] += 1
        captured = room
    s.packet = at + head
    s.captured = captured
    s.length = max(length, captured)
    s.link = s.if_link[number] if known else NO_LINK
    if kind != 3:
        resolution = s.if_resolution[number] if known else _MICROSECONDS
        offset = s.if_offset[number] if known else 0
        high = read32(mem, at + 12, big)
        low = read32(mem, at + 16, big)
        _set_block_time(s, losses, high, low, resolution, offset)
    return PACKET


@compiled
def _set_block_time(
    s: Record, losses: Words, high: int, low: int, resolution: int, offset: int
) -> None:
    ticks = (high & 0x7FFFFFFF) << 32 | low
    seconds = -1
    nanoseconds = 0
    exponent = resolution & 0x7F
    if high >= 0x80000000:
        pass
    elif resolution & 0x80:
        if exponent <= 33:
            seconds = ticks >> exponent
            nanoseconds = ((ticks & ((1 << exponent) - 1)) * SECOND) >> exponent
        elif exponent <= 62:
            seconds = ticks >> exponent
            rest = (ticks & ((1 << exponent) - 1)) >> (exponent - 33)
            nanoseconds = (rest * SECOND) >> 33
    elif exponent <= 18:
        per_second = 1
        for _ in range(exponent):
            per_second *= 10
        seconds = ticks // per_second
        nanoseconds = ticks % per_second
        for _ in range(9 - exponent):
            nanoseconds *= 10
        for _ in range(exponent - 9):
            nanoseconds //= 10
    if seconds >= 0 and seconds <= _LAST_SECOND and offset <= _LAST_SECOND:
        seconds += offset
    _set_time(s, losses, seconds, nanoseconds)
