"""Which side an address is on, and which ports are whose business."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import lru_cache
from typing import Final

# Services that every host talks to all day, on a timer, and that fail in heaps when a server is
# away (IANA service names): no beacon, no scan, no dead C2 is read from them.
HOUSEKEEPING: Final = frozenset(
    {53, 67, 68, 69, 123, 137, 138, 161, 162, 514, 546, 547, 1900, 3702, 5353, 5355}
)
DOMAIN_SERVICES: Final = frozenset({53, 88, 135, 389, 464, 636, 3268, 3269})
ADMIN_SERVICES: Final[dict[int, str]] = {
    22: "ssh",
    23: "telnet",
    135: "rpc",
    139: "smb",
    445: "smb",
    3389: "rdp",
    5900: "vnc",
    5985: "winrm",
    5986: "winrm",
}
WEB: Final = frozenset({80, 443, 3128, 8000, 8008, 8080, 8443, 8888})


class Sides:
    """`is_internal` of the address plan, remembered for the addresses of the moment."""

    def __init__(self, is_internal: Callable[[str], bool]) -> None:
        self.internal: Callable[[str], bool] = lru_cache(maxsize=65_536)(is_internal)

    def outbound(self, source: str, destination: str) -> bool:
        """From one of ours to the Internet."""
        return self.internal(source) and not self.internal(destination) and is_unicast(destination)

    def near(self, source: str, destination: str) -> bool:
        """Both ours, or next to each other: a plan that forgets a network still has neighbours."""
        if self.internal(source):
            return self.internal(destination) and is_unicast(destination)
        separator, kept = (":", 4) if ":" in source else (".", 3)
        return source.split(separator)[:kept] == destination.split(separator)[:kept]

    def inside(self, source: str, destination: str) -> bool:
        """Between two of ours."""
        return self.internal(source) and self.internal(destination) and is_unicast(destination)


@lru_cache(maxsize=65_536)
def is_unicast(address: str) -> bool:
    """Whether an address is one host: no multicast, broadcast, or the unspecified one."""
    if not address or address.endswith(".255"):
        return False
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_multicast or parsed.is_unspecified or address == "255.255.255.255")


@lru_cache(maxsize=65_536)
def is_address(text: str) -> bool:
    """Whether a Host or SNI is an IP address, with or without a port."""
    bare = text.strip("[]") if text.startswith("[") else text.partition(":")[0]
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return False
    return True
