"""802.11 data frames with what capture programs put before them (radiotap, Prism, AVS, PPI)."""

from __future__ import annotations

from typing import Final

from sensors.packet import kinds as k
from sensors.packet.containers import read16, read32
from sensors.packet.jit import compiled, i64
from sensors.packet.layout import Bytes, Record

_DONE: Final = -1  # the same as in decode


@compiled
def wireless(mem: Bytes, s: Record, end: int) -> int:
    """EtherType of a data frame in clear; `s.payload` is where its network layer begins."""
    at = s.packet
    padded = False
    size = end - at
    s.kind = k.BAD_LINK
    if s.link == 127:
        if size < 8:
            return _DONE
        padded = _is_padded(mem, at, end)
        at += read16(mem, at + 2, 0)
    elif s.link == 192:
        if size < 8 or read32(mem, at + 4, 0) != 105:
            return _DONE
        at += read16(mem, at + 2, 0)
    elif s.link == 119:
        # Prism says its length in the order of the capturing machine; AVS always big endian.
        if size < 144:
            return _DONE
        at += read32(mem, at + 4, 1) if mem[at] == 0x80 else read32(mem, at + 4, 0)
    elif s.link == 163:
        if size < 64:
            return _DONE
        at += read32(mem, at + 4, 1)
    if end - at < 10 or at < s.packet:
        return _DONE
    return frame(mem, s, at, end, padded)


@compiled
def _is_padded(mem: Bytes, at: int, end: int) -> bool:
    """Whether radiotap's flags say that the 802.11 header is padded to four bytes."""
    present = read32(mem, at + 4, 0)
    if not present & 2:
        return False
    place = at + 8
    words = present
    while words & 0x80000000 and place + 4 <= end:
        words = read32(mem, place, 0)
        place += 4
    if present & 1:  # the timer stands before, aligned to eight
        place = at + ((place - at + 7) & ~7) + 8
    return bool(place < end and mem[place] & 0x20)


@compiled
def frame(mem: Bytes, s: Record, at: int, end: int, padded: bool) -> int:
    """EtherType of the 802.11 frame at `at`; of an aggregate (A-MSDU), of its first part."""
    control = read16(mem, at, 0)
    kind = (control >> 2) & 3
    if kind != 2:
        s.kind = k.WLAN_MANAGEMENT if kind == 0 else k.WLAN_CONTROL
        return _DONE
    s.kind = k.WLAN_DATA
    if control & 0x40:  # no data in it
        return _DONE
    if control & 0x4000:
        s.kind = k.WLAN_ENCRYPTED
        return _DONE
    header = 24
    if control & 0x0300 == 0x0300:
        header = 30
    bundled = False
    if control & 0x80:  # QoS
        bundled = end - at > header and mem[at + header] & 0x80 != 0
        header += 2
        if control & 0x8000:
            header += 4
    if padded:
        header = (header + 3) & ~3
    _addresses(mem, s, at, end, control)
    if bundled:
        s.bundle = at + header
        return part(mem, s, end)
    return _below_snap(mem, s, at + header, end)


@compiled
def part(mem: Bytes, s: Record, end: int) -> int:
    """EtherType of the part of an aggregate at `s.bundle`, which goes on to the next, or to 0."""
    at = s.bundle
    s.bundle = 0
    if end - at < 22:
        return _DONE
    size = 14 + read16(mem, at + 12, 1)
    following = at + ((size + 3) & ~3)
    if end - following >= 22:
        s.bundle = following
    s.destination_mac = read16(mem, at, 1) << 32 | read32(mem, at + 2, 1)
    s.source_mac = read16(mem, at + 6, 1) << 32 | read32(mem, at + 8, 1)
    return _below_snap(mem, s, at + 14, end)


@compiled
def _below_snap(mem: Bytes, s: Record, at: int, end: int) -> int:
    if end - at < 8 or mem[at] != 0xAA or mem[at + 1] != 0xAA:
        return _DONE
    s.payload = at + 8
    ethertype = read16(mem, at + 6, 1)
    return i64(ethertype) if ethertype > 1535 else _DONE


@compiled
def _addresses(mem: Bytes, s: Record, at: int, end: int, control: int) -> None:
    """Sender and receiver by the direction bits (IEEE 802.11, 9.3.2.1)."""
    if end - at < 24:
        return
    to_system = control & 0x0100
    from_system = control & 0x0200
    receiver = at + 16 if to_system else at + 4
    sender = at + 10
    if from_system:
        sender = at + 16
        if to_system and end - at >= 30:
            sender = at + 24
    s.destination_mac = read16(mem, receiver, 1) << 32 | read32(mem, receiver + 2, 1)
    s.source_mac = read16(mem, sender, 1) << 32 | read32(mem, sender + 2, 1)
