"""Conversation: one TCP connection as it looks at the place of capture, on a clock of its own."""

from __future__ import annotations

import random
from typing import Final

from fengsui.clock import MICROSECOND, MILLISECOND, SECOND
from playbooks.drills.traffic.host import Host
from playbooks.drills.traffic.wire import ACK, FIN, PSH, RST, SYN, Direction, Wire

_MSS: Final = 1_440
# MSS 1460 and 1440, SACK permitted, window scale 8: what Windows and Linux offer today.
_OPTIONS4: Final = b"\x02\x04\x05\xb4\x01\x03\x03\x08\x01\x01\x04\x02"
_OPTIONS6: Final = b"\x02\x04\x05\xa0\x01\x03\x03\x08\x01\x01\x04\x02"


class Conversation:
    """Speak in turns: `connect`, then `send` and `receive`, then `close` or `reset`.

    Attributes:
        now: time of the last thing said, ns; `pause` moves it.
    """

    def __init__(
        self,
        wire: Wire,
        client: Host,
        server: Host,
        ports: tuple[int, int],
        at: int,
        rng: random.Random,
        *,
        six: bool = False,
    ) -> None:
        self.now = at
        self._wire = wire
        self._up = Direction(client, server, six=six)
        self._down = Direction(server, client, six=six)
        self._ports, self._back = ports, (ports[1], ports[0])
        self._options = _OPTIONS6 if six else _OPTIONS4
        self._rng = rng
        outside = 0 in (client.vlan, server.vlan)
        self.rtt = int(
            rng.uniform(8, 45) * MILLISECOND if outside else rng.uniform(0.2, 1.2) * MILLISECOND
        )
        self._seq = rng.getrandbits(32)
        self._ack = rng.getrandbits(32)

    def pause(self, seconds: float) -> None:
        """Nothing is said for a while."""
        self.now += int(seconds * SECOND)

    def connect(self) -> None:
        """Three-way handshake."""
        self._client(SYN, options=self._options)
        self._seq += 1
        self.now += self.rtt
        self._server(SYN | ACK, options=self._options)
        self._ack += 1
        self.now += 60 * MICROSECOND
        self._client(ACK)

    def refused(self) -> None:
        """SYN answered by a reset: the port is closed."""
        self._client(SYN, options=self._options)
        self._seq += 1
        self.now += self.rtt
        self._server(RST | ACK, window=0)

    def unanswered(self, tries: int = 1) -> None:
        """SYN into the void, repeated after 1, 2, 4 … seconds."""
        for number in range(tries):
            self._client(SYN, options=self._options)
            self.now += SECOND << number

    def send(self, data: bytes, *, rate: float = 4e6, think: float = 0.0) -> None:
        """Client to server, `rate` in bytes a second; the server acknowledges every other segment."""
        self.pause(think or self._rng.uniform(0.0002, 0.002))
        self._talk(data, rate, client=True)

    def receive(self, data: bytes, *, rate: float = 4e6, think: float = 0.0) -> None:
        """Server to client, after the server has thought."""
        self.pause(think or self._rng.uniform(0.002, 0.03))
        self.now += self.rtt
        self._talk(data, rate, client=False)

    def close(self) -> None:
        """Both ends finish, the client first."""
        self.now += MILLISECOND
        self._client(FIN | ACK)
        self._seq += 1
        self.now += self.rtt
        self._server(FIN | ACK)
        self._ack += 1
        self.now += 50 * MICROSECOND
        self._client(ACK)

    def reset(self) -> None:
        """The client breaks off."""
        self.now += MILLISECOND
        self._client(RST | ACK, window=0)

    def closed_by_server(self) -> None:
        """Both ends finish, the server first: a log-on that was refused."""
        self.now += MILLISECOND
        self._server(FIN | ACK)
        self._ack += 1
        self.now += 80 * MICROSECOND
        self._client(FIN | ACK)
        self._seq += 1
        self.now += self.rtt
        self._server(ACK)

    def _talk(self, data: bytes, rate: float, *, client: bool) -> None:
        last = len(data) - _MSS
        gap = int(_MSS / rate * SECOND)
        for index, at in enumerate(range(0, len(data), _MSS)):
            piece = data[at : at + _MSS]
            flags = ACK | PSH if at >= last else ACK
            if client:
                self._client(flags, piece)
                self._seq += len(piece)
            else:
                self._server(flags, piece)
                self._ack += len(piece)
            if index % 2 or at >= last:
                self._acknowledge(client)
            self.now += gap

    def _acknowledge(self, client: bool) -> None:
        delay = self.rtt if client else 40 * MICROSECOND
        if client:
            frame = self._down.tcp(self._back, self._ack, self._seq, ACK)
        else:
            frame = self._up.tcp(self._ports, self._seq, self._ack, ACK)
        self._wire.add(self.now + delay, frame)

    def _client(
        self, flags: int, payload: bytes = b"", options: bytes = b"", window: int = 64_240
    ) -> None:
        ack = self._ack if flags & ACK else 0
        frame = self._up.tcp(self._ports, self._seq, ack, flags, payload, options, window)
        self._wire.add(self.now, frame)

    def _server(
        self, flags: int, payload: bytes = b"", options: bytes = b"", window: int = 65_160
    ) -> None:
        ack = self._seq
        frame = self._down.tcp(self._back, self._ack, ack, flags, payload, options, window)
        self._wire.add(self.now, frame)
