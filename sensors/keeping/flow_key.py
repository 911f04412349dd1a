"""FlowKey: whose packets are wanted, and the hash under which a segment's index has them.

The hash is the same for both directions and depends on nothing but addresses, ports and transport,
so that every process computes it alike: the writer beside the decoder and the reader months later.
A frame has a level for each IP header in it: a flow inside a tunnel is found by its own addresses
and the tunnel by the tunnel's. ICMP and later fragments have no ports; theirs count as 0.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass
from typing import Final

from fengsui.errors import InputError
from sensors.keeping.flow_hash import hash_of_ends
from sensors.keeping.headers import LATER, Words

TRANSPORTS: Final = {"tcp": 6, "udp": 17, "icmp": 1, "ipv6-icmp": 58, "sctp": 132}
PORTLESS: Final = (1, 58)  # of ICMP all messages between two addresses are one flow


@dataclass(frozen=True, slots=True)
class FlowKey:
    """Two ends and a transport; which end is first does not matter.

    `first` and `second` are (packed address of 16 bytes, port); an IPv4 address fills the low four.
    """

    family: int
    transport: int
    first: tuple[bytes, int]
    second: tuple[bytes, int]

    @property
    def hash(self) -> int:
        """As the compiled code computes it for the flow's packets."""
        return hash_of_ends(self.transport, self.first, self.second)

    @property
    def fragments_hash(self) -> int:
        """Under which later fragments of the flow's datagrams are found."""
        return hash_of_ends(self.transport, (self.first[0], 0), (self.second[0], 0))

    def is_of(self, level: Words) -> bool:
        """Whether a level of a frame belongs to this flow; later fragments never do."""
        if level[0] != self.family or level[1] != self.transport or level[LATER]:
            return False
        one = (struct.pack(">qq", level[2], level[3]), int(level[6]))
        two = (struct.pack(">qq", level[4], level[5]), int(level[7]))
        return (one, two) in ((self.first, self.second), (self.second, self.first))


def make_key(
    source: str, source_port: int, destination: str, destination_port: int, transport: str
) -> FlowKey:
    """The key of a flow as events tell it; `transport` is a word or an IP protocol number.

    Raises:
        InputError: an address or the transport is none (code `bad_flow`).
    """
    try:
        first, second = ipaddress.ip_address(source), ipaddress.ip_address(destination)
        number = TRANSPORTS[transport] if transport in TRANSPORTS else int(transport)
    except ValueError as error:
        raise InputError(
            f"This is no flow: {error}",
            where=f"{source}:{source_port} {destination}:{destination_port} {transport}",
            next="Give two IP addresses and a transport",
            code="bad_flow",
        ) from error
    ports = (0, 0) if number in PORTLESS else (source_port, destination_port)
    ends = [
        (address.packed.rjust(16, b"\0"), port & 0xFFFF)
        for address, port in zip((first, second), ports, strict=True)
    ]
    return FlowKey(first.version, number, ends[0], ends[1])
