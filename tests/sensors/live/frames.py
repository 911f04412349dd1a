"""Frames built by hand (IEEE 802.3, 802.1Q, RFC 791, RFC 768, RFC 1035)."""

from __future__ import annotations

import socket
import struct

MACS = bytes.fromhex("02 00 00 00 00 02 02 00 00 00 00 01")


def tagged(frame: bytes, *tags: int, tpid: int = 0x8100) -> bytes:
    """802.1Q tags behind the addresses, the outermost first."""
    middle = b"".join(struct.pack(">HH", tpid, tag) for tag in tags)
    return frame[:12] + middle + frame[12:]


def udp(source: str, destination: str, ports: tuple[int, int], payload: bytes) -> bytes:
    """Ethernet, IPv4 and UDP without checksums, which nothing here looks at."""
    datagram = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
    addresses = socket.inet_aton(source) + socket.inet_aton(destination)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(datagram), 1, 0x4000, 64, 17, 0)
    return MACS + b"\x08\x00" + head + addresses + datagram


def query(number: int, name: str) -> bytes:
    """A DNS question for an address."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return (
        struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)
    )
