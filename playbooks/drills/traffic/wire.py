"""Frames with right lengths and checksums, collected in any order, written in order of time.

Ethernet with one 802.1Q tag; IPv4 and IPv6; TCP, UDP, ICMP. Checksums by RFC 1071: a sum of 16-bit
words in ones' complement is the number modulo 65,535, which Python does on a whole packet at once.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import Final

from playbooks.drills.traffic.host import Host

FIN: Final = 0x01
SYN: Final = 0x02
RST: Final = 0x04
PSH: Final = 0x08
ACK: Final = 0x10

_TCP: Final = 6
_UDP: Final = 17
_PCAP_HEADER: Final = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)
_RECORD: Final = struct.Struct("<IIII")
_TCP_HEAD: Final = struct.Struct("!HHIIBBHHH")
_IP4: Final = struct.Struct("!BBHHHBBH4s4s")


def checksum(total: int) -> int:
    """Internet checksum of a sum of 16-bit words."""
    return 65_535 - (total % 65_535 or 65_535)


def word_sum(data: bytes) -> int:
    """Sum of the 16-bit words of `data`, modulo 65,535."""
    return int.from_bytes(data + b"\0" if len(data) & 1 else data, "big") % 65_535


class Direction:
    """Frames from one host to another over one stack."""

    def __init__(self, source: Host, destination: Host, *, six: bool = False) -> None:
        vlan = source.vlan or destination.vlan
        kind = 0x86DD if six else 0x0800
        self._link = destination.mac + source.mac + struct.pack("!HHH", 0x8100, vlan, kind)
        names = (source.ip6, destination.ip6) if six else (source.ip4, destination.ip4)
        self._source, self._destination = (ipaddress.ip_address(name).packed for name in names)
        self._six = six
        self._ttl = source.ttl
        self._number = word_sum(self._source) | 1
        self._addresses = word_sum(self._source) + word_sum(self._destination)

    def tcp(
        self,
        ports: tuple[int, int],
        seq: int,
        ack: int,
        flags: int,
        payload: bytes = b"",
        options: bytes = b"",
        window: int = 64_240,
    ) -> bytes:
        """One segment; `options` in whole words of four bytes."""
        offset = (5 + len(options) // 4) << 4
        head = _TCP_HEAD.pack(
            *ports, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, offset, flags, window, 0, 0
        )
        body = options + payload
        length = len(head) + len(body)
        total = self._addresses + _TCP + length + word_sum(head) + word_sum(body)
        return self._packet(_TCP, head[:16] + checksum(total).to_bytes(2, "big") + head[18:] + body)

    def udp(self, ports: tuple[int, int], payload: bytes) -> bytes:
        """One datagram."""
        length = 8 + len(payload)
        head = struct.pack("!HHH", *ports, length)
        total = self._addresses + _UDP + length + word_sum(head) + word_sum(payload)
        return self._packet(_UDP, head + (checksum(total) or 65_535).to_bytes(2, "big") + payload)

    def icmp(self, kind: int, code: int, rest: bytes) -> bytes:
        """ICMP or ICMPv6 by the stack; `rest` is what follows the checksum."""
        number = 58 if self._six else 1
        length = 4 + len(rest)
        total = (kind << 8 | code) + word_sum(rest)
        if self._six:
            total += self._addresses + number + length
        return self._packet(number, struct.pack("!BBH", kind, code, checksum(total)) + rest)

    def _packet(self, protocol: int, body: bytes) -> bytes:
        if self._six:
            head = struct.pack("!IHBB", 0x60000000, len(body), protocol, self._ttl)
            return self._link + head + self._source + self._destination + body
        self._number = (self._number + 1) & 0xFFFF
        length = 20 + len(body)
        fixed = 0x4500 + 0x4000 + (self._ttl << 8 | protocol)
        total = checksum(fixed + length + self._number + self._addresses)
        head = _IP4.pack(
            *(0x45, 0, length, self._number, 0x4000, self._ttl, protocol, total),
            *(self._source, self._destination),
        )
        return self._link + head + body


class Wire:
    """Where frames come together."""

    def __init__(self, start: int, end: int) -> None:
        """`start` and `end` in ns: what falls outside of them is not captured."""
        self.start = start
        self.end = end
        self.size = 0
        self._frames: list[tuple[int, bytes]] = []

    def __len__(self) -> int:
        """Frames so far."""
        return len(self._frames)

    def add(self, time: int, frame: bytes) -> None:
        """A frame at `time` (ns)."""
        if self.start <= time < self.end:
            self._frames.append((time, frame))
            self.size += len(frame)

    def write(self, path: Path, on_progress: Callable[[int, int], None]) -> None:
        """Sort and write a pcap (microseconds, Ethernet); frames of one time keep their order."""
        self._frames.sort(key=itemgetter(0))
        total = len(self._frames)
        with path.open("wb") as file:
            file.write(_PCAP_HEADER)
            for index, (time, frame) in enumerate(self._frames):
                seconds, rest = divmod(time // 1000, 1_000_000)
                # Ethernet pads a frame to 60 bytes before its check sequence.
                padded = frame if len(frame) >= 60 else frame.ljust(60, b"\0")
                file.write(_RECORD.pack(seconds, rest, len(padded), len(padded)) + padded)
                if index % 20_000 == 0:
                    on_progress(index, total)
        on_progress(total, total)
