"""Community ID 1: one hash for the two directions of a flow, the same in every tool.

Specification: github.com/corelight/community-id-spec. The value is `1:` and the Base64 SHA-1 over
seed, ordered addresses, protocol, a zero byte and ordered ports.
"""

from __future__ import annotations

import base64
import hashlib
import socket
from functools import lru_cache
from typing import Final

ICMP: Final = 1
TCP: Final = 6
UDP: Final = 17
ICMP6: Final = 58
SCTP: Final = 132

_WITH_PORTS: Final = frozenset({ICMP, TCP, UDP, ICMP6, SCTP})

# Type of a request and of its reply, both ways round (RFC 792, 950, 1256; RFC 2710, 4443, 4620, 4861).
_ICMP4_PAIRS: Final = {8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 10: 9, 9: 10, 17: 18, 18: 17}
_ICMP6_PAIRS: Final = {
    128: 129,
    129: 128,
    133: 134,
    134: 133,
    135: 136,
    136: 135,
    130: 131,
    131: 130,
    139: 140,
    140: 139,
    144: 145,
    145: 144,
}


@lru_cache(maxsize=65_536)
def packed_address(text: str) -> bytes | None:
    """4 or 16 bytes of a textual address; None where it is not one. A zone (`%eth0`) is refused."""
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        return socket.inet_pton(family, text)
    except (OSError, ValueError):
        return None


def community_id(
    source: bytes,
    destination: bytes,
    protocol: int,
    source_port: int = 0,
    destination_port: int = 0,
    *,
    seed: int = 0,
) -> str:
    """Community ID of a flow.

    Args:
        source: 4 or 16 bytes.
        destination: as many.
        protocol: IP protocol number.
        source_port: port; for ICMP the type.
        destination_port: port; for ICMP the code.
        seed: 0 unless all tools of a site agree on another.
    """
    one_way = False
    if protocol in {ICMP, ICMP6}:
        pairs = _ICMP4_PAIRS if protocol == ICMP else _ICMP6_PAIRS
        counterpart = pairs.get(source_port)
        one_way = counterpart is None
        if counterpart is not None:
            destination_port = counterpart
    a, b = (source, source_port), (destination, destination_port)
    if not one_way and b < a:
        a, b = b, a
    message = seed.to_bytes(2, "big") + a[0] + b[0] + bytes((protocol, 0))
    if protocol in _WITH_PORTS:
        message += a[1].to_bytes(2, "big") + b[1].to_bytes(2, "big")
    digest = hashlib.sha1(message, usedforsecurity=False).digest()
    return "1:" + base64.b64encode(digest).decode("ascii")
