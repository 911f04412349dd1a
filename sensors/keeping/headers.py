"""The endpoints in a frame, compiled: of every IP header, those inside tunnels included.

VLAN and QinQ, MPLS, PPPoE, IPv4, IPv6 with extension headers, IP in IP, GRE, ERSPAN, VXLAN, GENEVE,
GTP-U and Teredo. Nothing is reassembled: each fragment is a frame of its own.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from fengsui.jit import entry
from sensors.packet.jit import compiled, i64

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.int64]

MAX_LEVELS: Final = 4
# One level: family, transport, addresses (high, low of source and destination), ports, fragment.
LEVEL: Final = 10
FRAGMENT: Final = 8  # identification of the fragmented datagram, -1 where it is whole
LATER: Final = 9  # 1 for a fragment that is not the first: it has no ports


_ETHERNET: Final = -1
_RAW: Final = -2
_NONE: Final = -3


@compiled
def _word(mem: Bytes, at: int) -> int:
    return (i64(mem[at]) << 8) | i64(mem[at + 1])


@compiled
def _long(mem: Bytes, at: int) -> int:
    return (_word(mem, at) << 16) | _word(mem, at + 2)


@compiled
def levels(mem: Bytes, at: int, end: int, link: int, out: Words) -> int:
    """Endpoints of each IP header of the frame mem[at:end] into `out`; how many levels."""
    kind = _ETHERNET
    if link == 113 or link == 276:  # Linux cooked, 1 and 2
        head = 16 if link == 113 else 20
        if end - at < head:
            return 0
        kind = _word(mem, at + 14) if link == 113 else _word(mem, at)
        at += head
    elif link == 0 or link == 108:
        at += 4
        kind = _RAW
    elif link == 101 or link == 12 or link == 14 or link == 228 or link == 229:
        kind = _RAW
    elif link != 1:
        return 0
    count = 0
    found = out[LEVEL * MAX_LEVELS :]  # where the next header begins, and what it is
    for _ in range(16):
        if kind == 0x0800 or kind == 0x86DD:
            if kind == 0x0800:
                good = _ipv4(mem, at, end, out, count * LEVEL, found)
            else:
                good = _ipv6(mem, at, end, out, count * LEVEL, found)
            if not good:
                break
            count += 1
            if count == MAX_LEVELS:
                break
        elif not _below(mem, at, end, kind, found):
            break
        at = found[0]
        kind = found[1]
    return count


@compiled
def _below(mem: Bytes, at: int, end: int, kind: int, found: Words) -> bool:
    """Step over one header below IP: where the next begins and what it is."""
    if kind == _RAW:
        if at >= end:
            return False
        version = mem[at] >> 4
        found[0] = at
        found[1] = 0x0800 if version == 4 else 0x86DD if version == 6 else _NONE
        return bool(version == 4 or version == 6)
    if kind == _ETHERNET:
        if end - at < 14:
            return False
        found[1] = _word(mem, at + 12)
        found[0] = at + 14
        if found[1] <= 1535:  # 802.3 with SNAP
            if end - at < 22 or _word(mem, at + 14) != 0xAAAA:
                return False
            found[1] = _word(mem, at + 20)
            found[0] = at + 22
        return True
    if kind == 0x8100 or kind == 0x88A8 or kind == 0x9100 or kind == 0x9200:
        if end - at < 4:
            return False
        found[1] = _word(mem, at + 2)
        found[0] = at + 4
        return True
    if kind == 0x8926:  # VN-Tag
        if end - at < 6:
            return False
        found[1] = _word(mem, at + 4)
        found[0] = at + 6
        return True
    if kind == 0x8847 or kind == 0x8848:
        while end - at >= 5:
            bottom = mem[at + 2] & 1
            at += 4
            if bottom:
                found[0] = at
                found[1] = _RAW
                version = mem[at] >> 4
                if (
                    version != 4 and version != 6
                ):  # a pseudowire: Ethernet, behind a control word or not
                    found[0] = at if version else at + 4
                    found[1] = _ETHERNET
                return True
        return False
    if kind == 0x8864:
        if end - at < 8:
            return False
        protocol = _word(mem, at + 6)
        found[0] = at + 8
        found[1] = 0x0800 if protocol == 0x21 else 0x86DD if protocol == 0x57 else _NONE
        return True
    return False


@compiled
def _ipv4(mem: Bytes, at: int, end: int, out: Words, row: int, found: Words) -> bool:
    if end - at < 20 or mem[at] >> 4 != 4:
        return False
    header = (i64(mem[at]) & 15) * 4
    total = _word(mem, at + 2)
    if header < 20 or end - at < header:
        return False
    if total >= header:
        end = min(end, at + total)
    out[row] = 4
    out[row + 2] = 0
    out[row + 3] = _long(mem, at + 12)
    out[row + 4] = 0
    out[row + 5] = _long(mem, at + 16)
    fragment = _word(mem, at + 6)
    number = _word(mem, at + 4) if fragment & 0x3FFF else -1
    later = 1 if fragment & 0x1FFF else 0
    transport = i64(mem[at + 9])
    at += header
    if (
        transport == 51 and number < 0 and end - at >= 12
    ):  # an authentication header is stepped over
        transport = i64(mem[at])
        at += (i64(mem[at + 1]) + 2) * 4
    _transport(mem, at, end, transport, number, later, out, row, found)
    return True


@compiled
def _ipv6(mem: Bytes, at: int, end: int, out: Words, row: int, found: Words) -> bool:
    if end - at < 40 or mem[at] >> 4 != 6:
        return False
    size = _word(mem, at + 4)
    if size:
        end = min(end, at + 40 + size)
    out[row] = 6
    for i in range(4):
        high = _long(mem, at + 8 + 8 * i)
        out[row + 2 + i] = high << 32 | _long(mem, at + 12 + 8 * i)
    header = i64(mem[at + 6])
    at += 40
    number = -1
    later = 0
    for _ in range(10):
        extension = header == 0 or header == 43 or header == 60 or header == 135
        if not extension and header != 44 and header != 51 and header != 139 and header != 140:
            break
        if end - at < 8:
            header = 59
            break
        following = i64(mem[at])
        if header == 44:
            offset = _word(mem, at + 2)
            if offset & 0xFFF9:
                number = _long(mem, at + 4)
                later = 1 if offset >> 3 else 0
            at += 8
        else:
            at += (i64(mem[at + 1]) + 2) * 4 if header == 51 else (i64(mem[at + 1]) + 1) * 8
        header = following
        if later:
            break
    _transport(mem, at, end, header, number, later, out, row, found)
    return True


@compiled
def _transport(
    mem: Bytes, at: int, end: int, kind: int, number: int, later: int,
    out: Words, row: int, found: Words,
) -> None:  # fmt: skip
    """Ports, and where a tunnel goes on."""
    out[row + 1] = kind
    out[row + 6] = 0
    out[row + 7] = 0
    out[row + FRAGMENT] = number
    out[row + LATER] = later
    found[0] = at
    found[1] = _NONE
    if later:
        return
    if kind == 6 or kind == 17 or kind == 132 or kind == 33 or kind == 136:
        if end - at >= 4:
            out[row + 6] = _word(mem, at)
            out[row + 7] = _word(mem, at + 2)
        if kind == 17 and end - at >= 16:
            _datagram(mem, at + 8, end, out[row + 6], out[row + 7], found)
    elif kind == 4:
        found[1] = 0x0800
    elif kind == 41:
        found[1] = 0x86DD
    elif kind == 47:
        _gre(mem, at, end, found)


@compiled
def _datagram(mem: Bytes, at: int, end: int, source: int, target: int, found: Words) -> None:
    """VXLAN (RFC 7348), GENEVE (RFC 8926), GTP-U (TS 29.281), Teredo (RFC 4380) by their ports."""
    if (target == 4789 or target == 8472) and mem[at] & 0x08:
        found[0] = at + 8
        found[1] = _ETHERNET
    elif target == 6081 and mem[at] >> 6 == 0:
        inner = _word(mem, at + 2)
        found[0] = at + 8 + (i64(mem[at]) & 0x3F) * 4
        found[1] = _ETHERNET if inner == 0x6558 else inner
    elif (target == 2152 or source == 2152) and mem[at] >> 4 == 3 and mem[at + 1] == 255:
        first = i64(mem[at])
        at += 8
        if first & 7:
            following = i64(mem[at + 3]) if first & 4 and end - at >= 4 else 0
            at += 4
            for _ in range(8):
                if following == 0 or end - at < 4:
                    break
                size = i64(mem[at]) * 4
                if size == 0 or end - at < size:
                    return
                following = i64(mem[at + size - 1])
                at += size
        found[0] = at
        found[1] = _RAW
    elif target == 3544 or source == 3544:
        if mem[at] == 0 and mem[at + 1] == 1 and end - at > 13:  # authentication
            at += 13 + i64(mem[at + 2]) + i64(mem[at + 3])
        if end - at > 8 and mem[at] == 0 and mem[at + 1] == 0:  # origin
            at += 8
        if end - at >= 40 and mem[at] >> 4 == 6:
            found[0] = at
            found[1] = 0x86DD


@compiled
def _gre(mem: Bytes, at: int, end: int, found: Words) -> None:
    """GRE (RFC 2784, 2890), with what it carries; version 1 is PPTP's (RFC 2637)."""
    if end - at < 8:
        return
    flags = _word(mem, at)
    inner = _word(mem, at + 2)
    version = flags & 7
    size = 4 + (4 if flags & 0x8000 else 0) + (4 if flags & 0x2000 else 0)
    size += 4 if flags & 0x1000 else 0
    at += size
    if version == 1:
        at += 4 if flags & 0x0080 else 0
        if end - at >= 4 and inner == 0x880B:
            at += 2 if _word(mem, at) == 0xFF03 else 0
            protocol = _word(mem, at)
            found[0] = at + 2
            found[1] = 0x0800 if protocol == 0x21 else 0x86DD if protocol == 0x57 else _NONE
        return
    found[0] = at
    found[1] = inner
    if inner == 0x6558:
        found[1] = _ETHERNET
    elif inner == 0x88BE:  # ERSPAN: type I has no sequence number and no header of its own
        found[0] = at + 8 if flags & 0x1000 else at
        found[1] = _ETHERNET
    elif inner == 0x22EB:
        found[0] = at + 12
        found[1] = _ETHERNET
        if end - at >= 12 and mem[at + 11] & 1:
            found[0] = at + 20


@entry
def read_levels(mem: Bytes, at: int, end: int, link: int, out: Words) -> int:
    """`levels` for Python, after `records.warm_up`; `out` has room for MAX_LEVELS and two words more."""
    return levels(mem, at, end, link, out)
