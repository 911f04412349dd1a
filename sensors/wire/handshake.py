"""What the messages of a TLS handshake tell, as the fields of one event of dataset `tls`.

For handshakes that the compiled decoder does not see: behind STARTTLS or a proxy, DTLS, QUIC. Fields
are named as the compiled decoder and Zeek's ssl.log name them.
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.protocol import ORIGINATOR, WireError
from sensors.wire import ja
from sensors.wire.certificate import CLIENT_FIELDS, SERVER_FIELDS, chain_of, describe
from sensors.wire.hello import (
    PSK,
    SHARE,
    TICKET,
    Hello,
    client_hello,
    client_hello_v2,
    server_hello,
)
from sensors.wire.reader import text
from sensors.wire.tls_names import ALERTS, GROUPS, TLS13, protocol_version
from sensors.wire.tls_suites import suite

FIELDS: Final = (
    "tls.version", "tls.version_protocol", "tls.cipher", "tls.curve", "tls.established",
    "tls.resumed", "tls.next_protocol", "tls.last_alert", "tls.ssl_history",
    "tls.client.server_name", "tls.client.ja3", "tls.client.ja4", "tls.client.supported_versions",
    "tls.client.offered_protocols", "tls.server.ja3s", "tls.server.ja4s", "destination.domain",
    "fengsui.parse", *SERVER_FIELDS, *CLIENT_FIELDS,
)  # fmt: skip

(
    CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, SERVER_KEY_EXCHANGE, CLIENT_KEY_EXCHANGE,
) = (1, 2, 11, 12, 16)  # fmt: skip
# Letters of Zeek's ssl_history, by message.
_LETTERS: Final = {
    0: "h", 1: "c", 2: "s", 3: "v", 4: "t", 5: "e", 6: "j", 8: "o", 11: "x", 12: "k", 13: "r",
    14: "n", 15: "y", 16: "g", 20: "f", 21: "w", 22: "u", 23: "a", 24: "p", 254: "m",
}  # fmt: skip
_MOST_LETTERS: Final = 100
_MOST_LISTED: Final = 8


class Handshake:
    """Takes messages, records' kinds and alerts, and says what they come to.

    Args:
        transport: `t`, `q` or `d`: the letter of JA4.
    """

    def __init__(self, transport: str = "t") -> None:
        self.transport = transport
        self.fields: dict[str, Value] = {}
        self.client = ORIGINATOR
        self.is_13 = False
        self.established = False
        self.client_seen = False
        self.server_seen = False
        self.switched = [False, False]  # change_cipher_spec was seen
        self._history: list[str] = []
        self._session = b""
        self._ticket = False
        self._psk = False
        self._exchanged = False
        self._resumed = False

    @property
    def anything(self) -> bool:
        """Whether there is something to write."""
        return bool(self._history)

    def letter(self, side: int, letter: str) -> None:
        """Note something in the history; capitals are the client's."""
        if len(self._history) < _MOST_LETTERS:
            self._history.append(letter.upper() if side == self.client else letter)

    def message(self, side: int, kind: int, body: bytes, *, whole: bool = True) -> None:
        """A handshake message.

        Raises:
            WireError: a hello is not well formed.
        """
        if kind == CLIENT_HELLO:
            self.client_side(side)
            self.letter(side, "c")
            self.take_client(client_hello(body, whole=whole, cookie=self.transport == "d"))
            return
        if kind == SERVER_HELLO:
            if not self.client_seen:
                self.client_side(1 - side)
            hello = server_hello(body, whole=whole)
            self.letter(side, "j" if hello.is_retry else "s")
            self.take_server(hello)
            return
        self.letter(side, _LETTERS.get(kind, "z"))
        if kind == CERTIFICATE and not self.is_13:
            whose = "client" if side == self.client else "server"
            for key, value in describe(chain_of(body), whose).items():
                self.fields.setdefault(key, value)
        elif kind == SERVER_KEY_EXCHANGE and len(body) >= 3 and body[0] == 3:
            if "_ECDH" in str(self.fields.get("tls.cipher", "")):
                self._curve(int.from_bytes(body[1:3], "big"))
        elif kind == CLIENT_KEY_EXCHANGE:
            self._exchanged = True

    def client_side(self, side: int) -> None:
        """The hello tells who is the client; `^` in the history where the responder is."""
        if side != self.client and not self._history:
            self._history.append("^")
            self.client = side

    def old_hello(self, side: int, body: bytes) -> None:
        """A ClientHello in the framing of SSLv2, behind its type byte."""
        self.client_side(side)
        self.letter(side, "c")
        self.take_client(client_hello_v2(body))

    def take_client(self, hello: Hello) -> None:
        """Fields of a ClientHello; of the one behind a retry nothing new."""
        if any(hello.session):
            self._session = hello.session
        self._ticket = not any(hello.session) and bool(hello.parts.get(TICKET))
        self._psk = self._psk or PSK in hello.parts
        if self.client_seen:
            return
        self.client_seen = True
        self.fields.update(client_fields(hello, self.transport))

    def take_server(self, hello: Hello) -> None:
        """Fields of a ServerHello; a retry gives the version and suite until the real one comes."""
        if self.server_seen:
            return
        self.server_seen = not hello.is_retry
        self.is_13 = hello.chosen_version in {TLS13, 0xFEFC} or hello.chosen_version >> 8 == 0x7F
        self.fields.update(server_fields(hello, self.transport))
        if self.is_13:
            self._resumed = self._psk and PSK in hello.parts
        else:
            self._resumed = bool(self._session) and hello.session == self._session

    def switch(self, side: int) -> None:
        """A change_cipher_spec: what follows of the side is encrypted (up to TLS 1.2)."""
        self.letter(side, "i")
        self.switched[side] = True
        if side == self.client and self._ticket and not self._exchanged and self.server_seen:
            self._resumed = self._resumed or not self.is_13

    def alert(self, side: int, content: bytes) -> None:
        """An alert that is not encrypted."""
        if len(content) != 2:
            return
        self.letter(side, "l")
        self.fields["tls.last_alert"] = ALERTS.get(content[1], f"unknown-{content[1]}")

    def encrypted(self, side: int, *, data: bool) -> None:
        """An encrypted record; `data` where its kind is application data."""
        if self.is_13:
            if data and side == self.client and self.server_seen:
                self.established = True
        elif self.switched[0] and self.switched[1]:
            self.established = True

    def event(self) -> dict[str, Value]:
        """The fields as far as they are known."""
        made = dict(self.fields)
        made["tls.ssl_history"] = "".join(self._history)
        if self.server_seen:
            made["tls.established"] = self.established
            made["tls.resumed"] = self._resumed
        return made

    def _curve(self, number: int) -> None:
        name = GROUPS.get(number)
        if name:
            self.fields["tls.curve"] = name


def client_fields(hello: Hello, transport: str = "t") -> dict[str, Value]:
    """What a ClientHello says."""
    found: dict[str, Value] = {}
    name = text(hello.server_name, 1024)
    if name:
        found["tls.client.server_name"] = name
        found["destination.domain"] = name
    versions = [known[1] for one in hello.offered_versions if (known := protocol_version(one))]
    if versions:
        found["tls.client.supported_versions"] = versions[:_MOST_LISTED]
    protocols = [text(one, 255) for one in hello.protocols if one]
    if protocols:
        found["tls.client.offered_protocols"] = protocols
    if hello.complete:
        found["tls.client.ja3"] = ja.ja3(hello)
        found["tls.client.ja4"] = ja.ja4(hello, transport)
    else:
        found["fengsui.parse"] = "cut"
    return found


def server_fields(hello: Hello, transport: str = "t") -> dict[str, Value]:
    """What a ServerHello says."""
    found: dict[str, Value] = {}
    known = protocol_version(hello.chosen_version)
    if known:
        found["tls.version_protocol"], found["tls.version"] = known
    if known and transport == "d" and known[0] == "tls":
        found["tls.version_protocol"] = "dtls"
    found["tls.cipher"] = suite(hello.ciphers[0])
    share = hello.parts.get(SHARE, b"")
    group = GROUPS.get(int.from_bytes(share[:2], "big")) if len(share) >= 2 else None
    if group:
        found["tls.curve"] = group
    protocols = hello.protocols
    if protocols and protocols[0]:
        found["tls.next_protocol"] = text(protocols[0], 255)
    if hello.complete:
        found["tls.server.ja3s"] = ja.ja3s(hello)
        found["tls.server.ja4s"] = ja.ja4s(hello, transport)
    return found


class Messages:
    """Handshake messages out of the pieces that records or CRYPTO frames bring, of one side.

    Args:
        most: bytes that may wait for the rest of a message.
    """

    __slots__ = ("_waiting", "most")

    def __init__(self, most: int = 128 * 1024) -> None:
        self.most = most
        self._waiting = b""

    def add(self, data: bytes) -> list[tuple[int, bytes]]:
        """Kind and body of each message that is whole now.

        Raises:
            WireError: a message is longer than may wait.
        """
        waiting = self._waiting + data if self._waiting else data
        found: list[tuple[int, bytes]] = []
        at = 0
        while at + 4 <= len(waiting):
            size = int.from_bytes(waiting[at + 1 : at + 4], "big")
            if size > self.most:
                raise WireError("message_too_long")
            if at + 4 + size > len(waiting):
                break
            found.append((waiting[at], waiting[at + 4 : at + 4 + size]))
            at += 4 + size
        self._waiting = waiting[at:]
        return found

    def rest(self) -> tuple[int, bytes] | None:
        """Kind and what there is of the message that is not whole."""
        if len(self._waiting) < 4:
            return None
        return self._waiting[0], self._waiting[4:]
