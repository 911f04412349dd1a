"""The packets of one flow out of captures, as a small pcap: evidence that an analyst opens."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from fengsui.errors import InputError
from sensors.packet import kinds
from sensors.packet.containers import BROKEN, NEED_INPUT, PACKET, next_record
from sensors.packet.decode import ICMP, ICMP6, decode
from sensors.packet.filling import Filler
from sensors.packet.jit import compiled, entry
from sensors.packet.layout import Record, Tables, make_tables
from sensors.packet.opening import decompressed, open_raw
from sensors.packet.tunnels import is_candidate, unwrap

_TRANSPORTS: Final = {"tcp": 6, "udp": 17, "icmp": 1, "ipv6-icmp": 58, "sctp": 132}
_SNAP: Final = 262_144
FOUND: Final = 1
MORE: Final = 0
BAD: Final = -1

WANTED: Final = np.dtype(
    [
        ("family", "i8"),
        ("transport", "i8"),
        ("address", "i8", (4,)),
        ("port", "i8", (2,)),
        ("since", "i8"),
        ("until", "i8"),
    ],
    align=True,
)
Wanted = Any  # array of one WANTED


@dataclass(frozen=True, slots=True)
class Slice:
    """A pcap of nanoseconds with one flow in it.

    Attributes:
        pcap: the file; a bare header where nothing was found.
        packets: how many are in it.
        bounded: there were more than the limits let in.
    """

    pcap: bytes
    packets: int
    bounded: bool


def no_wanted() -> Wanted:
    """A filter that nothing passes."""
    return np.zeros(1, WANTED)


@entry
def scan(t: Tables, wanted: Wanted) -> int:
    """Go on to the next packet of the wanted flow: FOUND, MORE input needed, or BAD."""
    s = t.state[0]
    w = wanted[0]
    while True:
        status = next_record(t.arena, s, t.losses)
        if status == NEED_INPUT:
            return MORE
        if status == BROKEN:
            return BAD
        if status != PACKET or s.time < w.since or s.time > w.until:
            continue
        decode(t.arena, s)
        while s.family:
            if _is_of(s, w):
                return FOUND
            if s.fragment or not is_candidate(s) or not unwrap(t.arena, s):
                break


@compiled
def _is_of(s: Record, w: Record) -> bool:
    """Whether the packet, or the fragment, is of the wanted flow."""
    if s.family != w.family or s.transport != w.transport:
        return False
    forth = (
        s.source_high == w.address[0]
        and s.source_low == w.address[1]
        and s.destination_high == w.address[2]
        and s.destination_low == w.address[3]
    )
    back = (
        s.source_high == w.address[2]
        and s.source_low == w.address[3]
        and s.destination_high == w.address[0]
        and s.destination_low == w.address[1]
    )
    # Types stand where ports do in ICMP; a fragment may have no ports at all.
    if s.transport == ICMP or s.transport == ICMP6 or s.fragment:
        return bool(forth or back)
    if forth and s.source_port == w.port[0] and s.destination_port == w.port[1]:
        return True
    return bool(back and s.source_port == w.port[1] and s.destination_port == w.port[0])


def slice_flow(
    paths: Sequence[Path],
    *,
    source: str,
    source_port: int,
    destination: str,
    destination_port: int,
    transport: str,
    since: int,
    until: int,
    max_packets: int = 2000,
    max_bytes: int = 4_000_000,
) -> Slice:
    """Packets of one flow, both directions, out of captures in their order.

    `transport` is `tcp`, `udp`, `icmp`, `ipv6-icmp`, `sctp` or an IP protocol number; of ICMP all
    messages between the two addresses are taken. `since` and `until` are ns since the epoch, both
    included. At most `max_packets` and `max_bytes` are kept.

    Raises:
        InputError: an address, the transport or a capture cannot be read.
    """
    wanted = _wanted(source, source_port, destination, destination_port, transport)
    wanted[0]["since"] = since
    wanted[0]["until"] = until
    collected = _Collected(max_packets, max_bytes)
    for path in paths:
        if collected.bounded:
            break
        _scan_file(path, wanted, collected)
    return Slice(collected.pcap(), collected.packets, collected.bounded)


def _wanted(
    source: str, source_port: int, destination: str, destination_port: int, transport: str
) -> Wanted:
    try:
        first = ipaddress.ip_address(source)
        second = ipaddress.ip_address(destination)
        number = _TRANSPORTS[transport] if transport in _TRANSPORTS else int(transport)
    except ValueError as error:
        raise InputError(
            f"this is no flow: {error}",
            where=f"{source}:{source_port} → {destination}:{destination_port} {transport}",
            next="give two IP addresses and a transport",
            code="bad_flow",
        ) from error
    wanted = no_wanted()
    one = wanted[0]
    one["family"] = first.version
    one["transport"] = number
    for place, address in ((0, first), (2, second)):
        packed = address.packed.rjust(16, b"\0")
        one["address"][place : place + 2] = struct.unpack(">qq", packed)
    one["port"][:] = (source_port, destination_port)
    return wanted


class _Collected:
    """Packets kept so far. All are of the first one's link type: a pcap has only one."""

    def __init__(self, max_packets: int, max_bytes: int) -> None:
        self._max_packets = max_packets
        self._room = max_bytes
        self._parts: list[bytes] = []
        self._link = 1
        self.packets = 0
        self.bounded = False

    def add(self, tables: Tables) -> None:
        """Keep the packet that was just found, if there is room."""
        state = tables.state[0]
        size = int(state["captured"])
        link = int(state["link"])
        if not self.packets:
            self._link = link
        if self.packets >= self._max_packets or size + 16 > self._room or link != self._link:
            self.bounded = True
            return
        seconds, rest = divmod(int(state["time"]), 1_000_000_000)
        at = int(state["packet"])
        head = struct.pack("<IIII", seconds & 0xFFFFFFFF, rest, size, int(state["length"]))
        self._parts.append(head + tables.arena[at : at + size].tobytes())
        self._room -= size + 16
        self.packets += 1

    def pcap(self) -> bytes:
        """The file: little endian, nanoseconds."""
        head = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, _SNAP, self._link)
        return head + b"".join(self._parts)


def _scan_file(path: Path, wanted: Wanted, collected: _Collected) -> None:
    name = str(path)
    raw, _ = open_raw(path, None, name)
    with raw:
        _, reader = decompressed(raw, name)
        tables = make_tables(1, 0, kinds.COUNT, len(kinds.LOSS_NAMES))
        filler = Filler(tables, reader, name)
        filler.begin()
        while not collected.bounded:
            status = scan(tables, wanted)
            if status == FOUND:
                collected.add(tables)
            elif status == BAD or not filler.fill():
                return
