"""Host: who speaks in a drill's capture, with both addresses, its card and its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["windows", "linux", "camera", "appliance", "outside"]

# Initial TTL or hop limit of each kind of system.
_TTL: dict[Kind, int] = {
    "windows": 128,
    "linux": 64,
    "camera": 64,
    "appliance": 255,
    "outside": 64,
}


@dataclass(frozen=True, slots=True)
class Host:
    """One end of a conversation.

    Attributes:
        name: short name; the asset's id for our own.
        mac: 6 bytes; of a host outside, the gateway's.
        ip6: empty where the host speaks IPv4 only.
        vlan: 802.1Q tag; 0 for hosts outside.
        hops: routers between the host and the place of capture.
    """

    name: str
    mac: bytes
    ip4: str
    ip6: str = ""
    vlan: int = 0
    kind: Kind = "windows"
    hops: int = 0

    @property
    def ttl(self) -> int:
        """TTL as seen at the place of capture."""
        return _TTL[self.kind] - self.hops
