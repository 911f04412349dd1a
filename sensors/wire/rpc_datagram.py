"""DCE/RPC over UDP, connectionless (C706 §12.5): a header of 80 bytes names the interface each time."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from sensors.wire.rpc_names import uuid_text

HEADER: Final = 80
REQUEST: Final = 0
PING: Final = 1
RESPONSE: Final = 2
FAULT: Final = 3
REJECT: Final = 6
_KINDS: Final = 10

_LAST: Final = 0x02
_FRAGMENT: Final = 0x04
_LAYOUT: Final = struct.Struct("<IIIHHHHH")
_LAYOUT_BIG: Final = struct.Struct(">IIIHHHHH")


class Datagram(NamedTuple):
    """One datagram's header.

    Attributes:
        whole: it ends its message: not a fragment, or the last one.
        activity: who calls, of the caller's choice.
    """

    kind: int
    whole: bool
    object: str
    interface: str
    version: str
    activity: str
    sequence: int
    opnum: int
    fragment: int
    size: int
    little: bool


def is_datagram(data: bytes) -> bool:
    """Whether these bytes are a connectionless PDU, by all that its header must say."""
    if len(data) < HEADER or data[0] != 4 or data[1] > _KINDS or data[3] & 0xFC:
        return False
    if data[4] not in (0x00, 0x01, 0x10, 0x11) or data[5] > 3 or data[6]:
        return False
    size = int.from_bytes(data[74:76], "little" if data[4] & 0x10 else "big")
    return size <= len(data) - HEADER


def parse(data: bytes) -> Datagram:
    """Read a datagram that `is_datagram`."""
    little = bool(data[4] & 0x10)
    order = "little" if little else "big"
    layout = _LAYOUT if little else _LAYOUT_BIG
    _boot, version, sequence, opnum, _i, _a, size, fragment = layout.unpack_from(data, 56)
    flags = data[2]
    empty = not any(data[8:24])
    return Datagram(
        data[1],
        not flags & _FRAGMENT or bool(flags & _LAST),
        "" if empty else uuid_text(data[8:24], order),
        uuid_text(data[24:40], order),
        f"{version & 0xFFFF}.{version >> 16}",
        uuid_text(data[40:56], order),
        sequence,
        opnum,
        fragment,
        size,
        little,
    )
