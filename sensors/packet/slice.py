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
from sensors.packet.answers import BAD, FOUND
from sensors.packet.filling import Filler
from sensors.packet.layout import WANTED, Tables, make_tables
from sensors.packet.native import entry
from sensors.packet.opening import decompressed, open_raw

_TRANSPORTS: Final = {"tcp": 6, "udp": 17, "icmp": 1, "ipv6-icmp": 58, "sctp": 132}
_SNAP: Final = 262_144

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
        scan = entry("scan", tables, wanted)
        while not collected.bounded:
            status = scan()
            if status == FOUND:
                collected.add(tables)
            elif status == BAD or not filler.fill():
                return
