"""What one line of Zeek's quic.log says of a connection, as it is learned."""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.wire import gquic
from sensors.wire.quic_packets import Head, version_name
from sensors.wire.reader import text

FIELDS: Final = (
    "quic.version", "quic.client_initial_dcid", "quic.client_scid", "quic.server_scid",
    "quic.server_name", "quic.client_protocol", "quic.history", "quic.cyu_hash",
    "quic.cyu_string", "destination.domain", "user_agent.original", "tls.client.ja3",
    "tls.client.ja4",
)  # fmt: skip
_MOST_LETTERS: Final = 100
# Fields that are the same in the event of the handshake.
_SHARED: Final = (
    ("quic.server_name", "tls.client.server_name"),
    ("destination.domain", "destination.domain"),
    ("tls.client.ja3", "tls.client.ja3"),
    ("tls.client.ja4", "tls.client.ja4"),
)


class QuicEntry:
    """An event of dataset `quic` in the making.

    Attributes:
        time: of its first packet, 0 before that.
    """

    __slots__ = ("_history", "fields", "time")

    def __init__(self) -> None:
        self.time = 0
        self.fields: dict[str, Value] = {}
        self._history: list[str] = []

    def begin(self, time: int, version: str) -> None:
        """A packet came; the first one tells time and version."""
        self.time = self.time or time
        self.fields.setdefault("quic.version", version)

    def note(self, head: Head, time: int, *, client: bool) -> None:
        """A long header."""
        self.begin(time, version_name(head.version))
        self.ids(head.destination, head.source, client=client)

    def ids(self, destination: bytes, source: bytes, *, client: bool) -> None:
        """Connection ids; of the client's first destination, and of the newest sources."""
        if not client:
            self.fields["quic.server_scid"] = source.hex()
            return
        if destination:
            self.fields.setdefault("quic.client_initial_dcid", destination.hex())
        self.fields["quic.client_scid"] = source.hex()

    def letter(self, letter: str, *, client: bool) -> None:
        """Another letter of the history. A version that we cannot follow has none but its `U`."""
        if self._history and self._history[0] in "uU":
            return
        if len(self._history) < _MOST_LETTERS:
            self._history.append(letter.upper() if client else letter)

    def hello(self, known: dict[str, Value]) -> None:
        """The client's hello, as the fields of the event of the handshake."""
        for mine, theirs in _SHARED:
            if theirs in known:
                self.fields[mine] = known[theirs]
        offered = known.get("tls.client.offered_protocols")
        if isinstance(offered, list):
            self.fields["quic.client_protocol"] = str(offered[0])

    def tags(self, version: str, data: bytes) -> None:
        """Server name, program and fingerprint of a hello of tags in `data`, if there is one."""
        tags = gquic.hello_tags(data)
        if not tags or "quic.cyu_hash" in self.fields:
            return
        known = dict(tags)
        name = text(known.get("SNI", b""), 255)
        self.fields["quic.server_name"] = self.fields["destination.domain"] = name
        self.fields["user_agent.original"] = text(known.get("UAID", b""), 255)
        self.fields["quic.cyu_string"], self.fields["quic.cyu_hash"] = gquic.cyu(version, tags)

    def event(self) -> dict[str, Value]:
        """The fields."""
        return {**self.fields, "quic.history": "".join(self._history)}
