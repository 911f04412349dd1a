"""WireGuard: tunnels, by their handshake.

One event a flow, as Zeek's wireguard.log (package spicy-wireguard) has it: how many handshakes were
begun and answered, and whether the tunnel was used.
Defined in the WireGuard white paper (Donenfeld 2017), section 5.4.
"""

from __future__ import annotations

from typing import Final

from sensors.protocol import (
    ORIGINATOR,
    RESPONDER,
    Context,
    Flow,
    Protocol,
    Session,
    WireError,
)

_SIZES: Final = {1: 148, 2: 92, 3: 64}
_ENOUGH: Final = 1000  # datagrams after which an established tunnel is no more looked at


class WireGuardSession(Session):
    """One flow of datagrams."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.time = 0
        self.counts = [0, 0, 0, 0, 0]
        self.keepalives = 0
        self.initiator: int | None = None
        self.data_from: set[int] = set()
        self.seen = 0

    def data(self, side: int, data: bytes, time: int) -> None:
        """One datagram."""
        kind = _kind(data)
        if not kind:
            if not self.seen:
                raise WireError("no_wireguard")
            self.context.lost("other")
            return
        self.time = self.time or time
        self.seen += 1
        self.counts[kind] += 1
        if kind == 1 and self.initiator is None:
            self.initiator = side
        elif kind == 4:
            self.data_from.add(side)
            self.keepalives += len(data) == 32
        if self.seen >= _ENOUGH:
            self.context.done()

    def end(self, time: int) -> None:
        """What the flow was."""
        if not self.seen:
            return
        established = (self.counts[1] > 0 and self.counts[2] > 0) or len(self.data_from) == 2
        self.context.emit("wireguard", self.time, {
            "wireguard.established": established,
            "wireguard.initiations": self.counts[1],
            "wireguard.responses": self.counts[2],
            "wireguard.cookies": self.counts[3] or None,
            "wireguard.keepalives": self.keepalives or None,
            "event.duration": time - self.time,
        }, client=RESPONDER if self.initiator == RESPONDER else ORIGINATOR)  # fmt: skip


def _kind(data: bytes) -> int:
    """Type of a message whose size fits; 0 where it is none."""
    if len(data) < 32 or data[1:4] != b"\0\0\0":
        return 0
    kind = data[0]
    if kind == 4:
        return 4 if not len(data) % 16 else 0
    return kind if _SIZES.get(kind) == len(data) else 0


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A message of a handshake; data alone only at WireGuard's usual port."""
    del side
    kind = _kind(data)
    return kind in (1, 2, 3) or (kind == 4 and 51820 in (flow.source_port, flow.destination_port))


PROTOCOL: Final = Protocol(
    name="wireguard",
    title="WireGuard tunnel",
    standard="WireGuard white paper, section 5.4",
    transports=frozenset({"udp"}),
    session=WireGuardSession,
    recognises=recognises,
    ports=frozenset({51820}),
    datasets={
        "wireguard": (
            "wireguard.established", "wireguard.initiations", "wireguard.responses",
            "wireguard.cookies", "wireguard.keepalives", "event.duration",
        )
    },
)  # fmt: skip
