"""Protocol towers of the DCE/RPC endpoint mapper (C706 appendix L, MS-RPCE §2.2.1.2): who listens where."""

from __future__ import annotations

import socket
from typing import Final

_FLOOR: Final = b"\x13\x00\x0d"  # left side of 19 bytes that is a UUID
_TCP: Final = 0x07
_UDP: Final = 0x08
_IP: Final = 0x09
_MOST: Final = 64


def listeners(stub: bytes) -> list[tuple[str, str, int]]:
    """Transport, address and port of each tower in the answer of ept_map or ept_lookup.

    Towers are found by their first floor, which spares the two transfer syntaxes (NDR and NDR64)
    that differ in everything around them.
    """
    found: list[tuple[str, str, int]] = []
    at = stub.find(_FLOOR)
    while at >= 2 and len(found) < _MOST:
        floors = int.from_bytes(stub[at - 2 : at], "little")
        end = at + 3
        if 3 <= floors <= 8:
            one, end = _tower(stub, at, floors)
            if one and one not in found:
                found.append(one)
        at = stub.find(_FLOOR, end)
    return found


def _tower(stub: bytes, at: int, floors: int) -> tuple[tuple[str, str, int] | None, int]:
    transport = address = ""
    port = 0
    for _ in range(floors):
        size = int.from_bytes(stub[at : at + 2], "little")
        left = stub[at + 2 : at + 2 + size]
        at += 2 + size
        size = int.from_bytes(stub[at : at + 2], "little")
        right = stub[at + 2 : at + 2 + size]
        at += 2 + size
        if not left or at > len(stub):
            return None, at
        if left[0] in (_TCP, _UDP) and len(right) == 2:
            transport = "tcp" if left[0] == _TCP else "udp"
            port = int.from_bytes(right, "big")
        elif left[0] == _IP and len(right) == 4:
            address = socket.inet_ntoa(right)
    return ((transport, address, port) if transport and port else None), at
