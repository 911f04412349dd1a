"""ClientHello and ServerHello of TLS 1.0 to 1.3, TLCP and DTLS (RFC 8446 §4.1, 6347, GB/T 38636).

Plain Python beside the compiled reader `sensors.packet.tls`: for handshakes that come over UDP or
behind another protocol, and to hold the compiled one against.
"""

from __future__ import annotations

import struct
from typing import Final

from sensors.protocol import WireError

SNI, GROUPS, FORMATS, SIGNATURES, ALPN, TICKET, PSK, VERSIONS, SHARE, QUIC_PARAMETERS = (
    0, 10, 11, 13, 16, 35, 41, 43, 51, 57,
)  # fmt: skip
RETRY_RANDOM: Final = bytes.fromhex(
    "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
)
_MOST_PROTOCOLS: Final = 32
# Versions of TLS 1.3's drafts; from the 22nd on its ServerHello looks like that of TLS 1.2.
_FIRST_DRAFT, _LIKE_1_2 = 0x7F00, 0x7F16


class Hello:
    """A hello of either side.

    Attributes:
        version: `legacy_version`.
        ciphers: offered suites, or the one that was chosen.
        extensions: numbers in order, as often as they occur.
        parts: content of each extension; of one that is there twice the last.
        complete: whether all of it was there.
    """

    __slots__ = ("ciphers", "complete", "extensions", "parts", "random", "session", "version")

    def __init__(self, version: int, random: bytes, session: bytes) -> None:
        self.version = version
        self.random = random
        self.session = session
        self.ciphers: list[int] = []
        self.extensions: list[int] = []
        self.parts: dict[int, bytes] = {}
        self.complete = False

    @property
    def server_name(self) -> bytes:
        """Host name of the SNI extension (RFC 6066)."""
        part = self.parts.get(SNI, b"")
        if len(part) < 5 or part[2] != 0:
            return b""
        return part[5 : 5 + int.from_bytes(part[3:5], "big")]

    @property
    def protocols(self) -> list[bytes]:
        """Names of the ALPN extension (RFC 7301), empty ones too."""
        part = self.parts.get(ALPN, b"")
        found: list[bytes] = []
        at = 2
        while at < len(part) and len(found) < _MOST_PROTOCOLS:
            found.append(part[at + 1 : at + 1 + part[at]])
            at += 1 + part[at]
        return found

    @property
    def offered_versions(self) -> list[int]:
        """Versions of a client's supported_versions extension."""
        return numbers(self.parts.get(VERSIONS, b""), 1)

    @property
    def chosen_version(self) -> int:
        """Version that a server chose."""
        part = self.parts.get(VERSIONS, b"")
        return int.from_bytes(part, "big") if len(part) == 2 else self.version

    @property
    def is_retry(self) -> bool:
        """Whether a ServerHello is a HelloRetryRequest."""
        return self.random == RETRY_RANDOM


def numbers(data: bytes, start: int = 0) -> list[int]:
    """Numbers of 16 bits from `start` to the end; an odd byte is left out."""
    count = max(0, len(data) - start) // 2
    return list(struct.unpack_from(f">{count}H", data, start)) if count else []


def client_hello(body: bytes, *, whole: bool = True, cookie: bool = False) -> Hello:
    """Read the body of a ClientHello.

    Args:
        body: what follows the message's length.
        whole: whether `body` is all of the message.
        cookie: whether it has a cookie behind the session id (DTLS up to 1.2).

    Raises:
        WireError: it ends before the cipher suites.
    """
    hello, at = _begin(body)
    if cookie:
        if at >= len(body):
            raise WireError("truncated")
        at += 1 + body[at]
    if at + 2 > len(body):
        raise WireError("truncated")
    end = at + 2 + int.from_bytes(body[at : at + 2], "big")
    hello.ciphers = numbers(body[:end], at + 2)
    if end >= len(body):
        return hello
    at = min(len(body), end + 1 + body[end])
    hello.complete = _extensions(body, at, hello) and whole
    return hello


def server_hello(body: bytes, *, whole: bool = True) -> Hello:
    """Read the body of a ServerHello.

    That of a draft of TLS 1.3 before the 22nd has neither session id nor compression.

    Raises:
        WireError: it ends before the chosen suite.
    """
    draft = _FIRST_DRAFT <= int.from_bytes(body[:2], "big") < _LIKE_1_2
    hello, at = _begin(body, session=not draft)
    behind = at + 2 if draft else at + 3
    if behind > len(body):
        raise WireError("truncated")
    hello.ciphers = [int.from_bytes(body[at : at + 2], "big")]
    hello.complete = _extensions(body, behind, hello) and whole
    return hello


def client_hello_v2(body: bytes) -> Hello:
    """Read a ClientHello in the framing of SSLv2, behind its type byte (RFC 5246 §E.2).

    Raises:
        WireError: it ends before its suites do.
    """
    if len(body) < 8:
        raise WireError("truncated")
    version, suites, session, challenge = struct.unpack_from(">4H", body)
    if 8 + suites > len(body) or suites % 3:
        raise WireError("truncated")
    hello = Hello(version, body[8 + suites + session :][:challenge], body[8 + suites :][:session])
    three = [int.from_bytes(body[at : at + 3], "big") for at in range(8, 8 + suites, 3)]
    hello.ciphers = [one for one in three if one <= 0xFFFF]
    hello.complete = 8 + suites + session + challenge <= len(body)
    return hello


def _begin(body: bytes, *, session: bool = True) -> tuple[Hello, int]:
    """Version, random and session id; where what follows begins."""
    if len(body) < 35:
        raise WireError("truncated")
    at = 35 + body[34] if session else 34
    return Hello(int.from_bytes(body[:2], "big"), body[2:34], body[35:at]), at


def _extensions(body: bytes, at: int, hello: Hello) -> bool:
    """Read the extensions; whether the list is whole."""
    if at == len(body):
        return True  # none at all is legal
    if at + 2 > len(body):
        return False
    stop = at + 2 + int.from_bytes(body[at : at + 2], "big")
    end = min(stop, len(body))
    at += 2
    while at + 4 <= end:
        kind, size = struct.unpack_from(">HH", body, at)
        if at + 4 + size > end:
            break
        hello.extensions.append(kind)
        hello.parts[kind] = body[at + 4 : at + 4 + size]
        at += 4 + size
    return at == stop and stop <= len(body)
