"""RDP: who asks for a desktop, with what client, and how the connection is protected.

One event a connection: the request with its cookie (usually a user name, cut to nine letters), what
the server chose, and, where no TLS follows, the client's core data and the server's encryption.
Behind a negotiated TLS the flow goes on as TLS. MS-RDPBCGR; X.224 in TPKT (RFC 1006), T.125, T.124.
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.protocol import Context, Flow, Protocol, StreamSession, WireError
from sensors.wire import rdp_blocks
from sensors.wire.reader import text

_REQUEST, _CONFIRM, _DATA = 0xE0, 0xD0, 0xF0
_ASKED, _CHOSEN, _REFUSED = 1, 2, 3
_SECURITY: Final = {0: "RDP", 1: "SSL", 2: "HYBRID", 4: "RDSTLS", 8: "HYBRID_EX", 16: "RDSAAD"}
_FAILURES: Final = {
    1: "SSL_REQUIRED_BY_SERVER", 2: "SSL_NOT_ALLOWED_BY_SERVER", 3: "SSL_CERT_NOT_ON_SERVER",
    4: "INCONSISTENT_FLAGS", 5: "HYBRID_REQUIRED_BY_SERVER",
    6: "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
}  # fmt: skip
_COOKIE: Final = b"Cookie: mstshash="
_ROUTING: Final = b"Cookie: msts="
_INITIAL, _RESPONSE = b"\x7f\x65", b"\x7f\x66"
_MOST_PDUS: Final = 32  # before a client's core data must have come

Fields = dict[str, Value | None]


class RdpSession(StreamSession):
    """One RDP connection."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._fields: Fields = {}
        self._start = 0
        self._client = 0
        self._known = False  # something of RDP was seen
        self._pdus = 0
        self._emitted = False

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One TPKT."""
        if data[0] != 3:
            return self._other(data, time)
        if len(data) < 7:
            return 0
        size = int.from_bytes(data[2:4], "big")
        if data[1] or size < 7:
            raise WireError("tpkt")
        if len(data) < size:
            return 0
        self._start = self._start or time
        self._pdus += 1
        self._x224(side, data[4:size], time)
        if self._pdus > _MOST_PDUS:
            self.end(time)
            self.context.done()
        return size

    def gap(self, side: int, size: int, time: int) -> None:
        """What is known is written."""
        self.end(time)
        super().gap(side, size, time)

    def end(self, time: int) -> None:
        """The connection's event, once."""
        del time
        if self._emitted or not self._known:
            return
        self._emitted = True
        self._fields["user.name"] = self._fields.get("rdp.cookie")
        self.context.emit("rdp", self._start, self._fields, client=self._client)

    def _other(self, data: bytes, time: int) -> int:
        """Bytes in no TPKT: fast-path, and so past the connect."""
        self.end(time)
        if not self._known:
            raise WireError("tpkt")
        self.context.done()
        return len(data)

    def _x224(self, side: int, data: bytes, time: int) -> None:
        kind = data[1] & 0xF0
        if kind == _REQUEST:
            self._client = side
            self._known = True
            self._start = time
            self._request(data[7:])
        elif kind == _CONFIRM:
            self._client = 1 - side
            self._known = True
            self._confirm(data[7:], time)
        elif kind == _DATA:
            self._data(side, data[3:], time)

    def _request(self, rest: bytes) -> None:
        """Cookie or routing token, and what the client can do (2.2.1.1)."""
        if rest.startswith(_COOKIE):
            words, _, rest = rest[len(_COOKIE) :].partition(b"\r\n")
            self._fields["rdp.cookie"] = text(words, 256)
        elif rest.startswith(_ROUTING):
            words, _, rest = rest.partition(b"\r\n")
            self._fields["rdp.routing_token"] = text(words, 256)
        if len(rest) >= 8 and rest[0] == _ASKED:
            asked = int.from_bytes(rest[4:8], "little")
            names = [name for bit, name in _SECURITY.items() if bit and asked & bit]
            self._fields["rdp.requested_protocols"] = names or ["RDP"]

    def _confirm(self, rest: bytes, time: int) -> None:
        """What the server chose, or why it refuses (2.2.1.2)."""
        number = int.from_bytes(rest[4:8], "little") if len(rest) >= 8 else 0
        if len(rest) >= 8 and rest[0] == _REFUSED:
            self._fields["rdp.result"] = _FAILURES.get(number, f"failure_code-{number}")
            self._fields["event.outcome"] = "failure"
            self.end(time)
        elif len(rest) >= 8 and rest[0] == _CHOSEN:
            name = _SECURITY.get(number, f"security_protocol-{number}")
            self._fields["rdp.security_protocol"] = name
            if number:
                self._fields["rdp.result"] = "encrypted"
                self.end(time)
                self.context.switch("tls")

    def _data(self, side: int, data: bytes, time: int) -> None:
        try:
            if data.startswith(_INITIAL):
                self._client = side
                self._known = True
                self._fields.update(rdp_blocks.client(data))
            elif data.startswith(_RESPONSE):
                self._known = True
                self._client = 1 - side
                self._fields.update(rdp_blocks.server(data))
                if self._fields.get("rdp.encryption_level", "None") != "None":
                    self._fields["rdp.security_protocol"] = "RDP"
                self.end(time)
                self.context.done()
        except WireError:
            self.context.lost("malformed")


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """An X.224 request with RDP's cookie or negotiation, or its answer; with none of them by port."""
    del side
    if len(data) < 11 or data[:2] != b"\3\0" or int.from_bytes(data[2:4], "big") != len(data):
        return False
    if data[4] != len(data) - 5 or data[5] not in {_REQUEST, _CONFIRM}:
        return False
    if len(data) == 11:
        return flow.destination_port == 3389
    rest = data[11:]
    if rest.startswith(b"Cookie: mst"):
        return data[5] == _REQUEST
    return len(rest) == 8 and rest[0] in {1, 2, 3} and rest[2:4] == b"\x08\0"


PROTOCOL = Protocol(
    name="rdp",
    title="Remote Desktop Protocol",
    standard="MS-RDPBCGR",
    transports=frozenset({"tcp"}),
    session=RdpSession,
    recognises=recognises,
    ports=frozenset({3389}),
    datasets={
        "rdp": (
            "rdp.cookie", "rdp.routing_token", "rdp.result", "rdp.security_protocol",
            "rdp.requested_protocols", "rdp.client_channels", "rdp.keyboard_layout",
            "rdp.client_build", "rdp.client_name", "rdp.client_dig_product_id",
            "rdp.desktop_width", "rdp.desktop_height", "rdp.requested_color_depth",
            "rdp.cert_type", "rdp.cert_count", "rdp.cert_permanent", "rdp.encryption_level",
            "rdp.encryption_method", "user.name", "event.outcome",
        )
    },
    upgrades=True,
)  # fmt: skip
