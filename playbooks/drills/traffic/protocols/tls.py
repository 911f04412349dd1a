"""TLS handshakes of several client stacks (RFC 5246, 8446, 8701, 7301).

The lists are those that the stacks send today, so that JA3 and JA4 differ as they do in an office;
what is encrypted is random bytes of the usual sizes.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass
from typing import Final, Literal

from playbooks.drills.traffic.conversation import Conversation

Stack = Literal["chrome", "firefox", "schannel", "openssl", "go"]

_BROWSER_CIPHERS: Final = (
    *(0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8),
    *(0xC013, 0xC014, 0x009C, 0x009D, 0x002F, 0x0035),
)
_CIPHERS: Final[dict[Stack, tuple[int, ...]]] = {
    "chrome": _BROWSER_CIPHERS,
    "firefox": (
        *(0x1301, 0x1303, 0x1302, 0xC02B, 0xC02F, 0xCCA9, 0xCCA8, 0xC02C, 0xC030),
        *(0xC00A, 0xC009, 0xC013, 0xC014, 0x009C, 0x009D, 0x002F, 0x0035),
    ),
    "schannel": (
        *(0xC02C, 0xC02B, 0xC030, 0xC02F, 0xC024, 0xC023, 0xC028, 0xC027),
        *(0xC00A, 0xC009, 0xC014, 0xC013, 0x009D, 0x009C, 0x003D, 0x003C, 0x0035, 0x002F),
    ),
    "openssl": (
        *(0x1302, 0x1303, 0x1301, 0xC02C, 0xC030, 0x009F, 0xCCA9, 0xCCA8, 0xCCAA, 0xC02B),
        *(0xC02F, 0x009E, 0xC024, 0xC028, 0x006B, 0xC023, 0xC027, 0x0067, 0x00FF),
    ),
    "go": (
        *(0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC009, 0xC013, 0xC00A, 0xC014),
        *(0x1301, 0x1302, 0x1303),
    ),
}
_SIGNATURES: Final[dict[Stack, tuple[int, ...]]] = {
    "chrome": (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601),
    "firefox": (0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203),
    "schannel": (0x0804, 0x0805, 0x0401, 0x0501, 0x0201, 0x0403, 0x0503, 0x0203, 0x0202, 0x0601),
    "openssl": (0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501),
    "go": (0x0804, 0x0403, 0x0807, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0503, 0x0603),
}
_MODERN: Final[frozenset[Stack]] = frozenset({"chrome", "firefox", "openssl", "go"})
_X25519, _P256, _P384, _HYBRID = 0x001D, 0x0017, 0x0018, 0x11EC


@dataclass(frozen=True, slots=True)
class Session:
    """How a connection goes after the hello.

    Attributes:
        certificate: DER, sent in clear by TLS 1.2 servers.
        modern: TLS 1.3 where the client can.
        alpn: protocols the client offers.
    """

    name: str
    stack: Stack
    certificate: bytes
    modern: bool = True
    alpn: tuple[str, ...] = ("h2", "http/1.1")


def _extension(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("!HH", kind, len(body)) + body


def _words(values: tuple[int, ...] | list[int], width: int = 2) -> bytes:
    body = b"".join(value.to_bytes(2, "big") for value in values)
    return len(body).to_bytes(width, "big") + body


def _grease(rng: random.Random) -> int:
    return rng.randrange(16) * 0x1010 + 0x0A0A


def client_hello(rng: random.Random, session: Session) -> bytes:
    """A ClientHello record of the session's stack."""
    stack = session.stack
    grease = stack == "chrome"
    ciphers = [*_CIPHERS[stack]]
    if grease:
        ciphers.insert(0, _grease(rng))
    extensions = _extensions(rng, session)
    if grease:
        rng.shuffle(extensions)  # Chrome since 110 permutes them
        first, last = _grease(rng), _grease(rng)
        last = last if last != first else (last + 0x1010) & 0xFFFF
        extensions = [_extension(first), *extensions, _extension(last, b"\0")]
    everything = b"".join(extensions)
    body = (
        b"\x03\x03"
        + rng.randbytes(32)
        + (b"\x20" + rng.randbytes(32) if stack in _MODERN else b"\0")
        + _words(ciphers)
        + b"\x01\x00"
        + len(everything).to_bytes(2, "big")
        + everything
    )
    return _record(22, _handshake(1, body), 0x0301)


def _extensions(rng: random.Random, session: Session) -> list[bytes]:
    stack = session.stack
    name = session.name.encode()
    groups = [_X25519, _P256, _P384]
    if stack == "chrome":
        groups = [_grease(rng), _HYBRID, *groups]
    alpn = b"".join(bytes((len(word),)) + word.encode() for word in session.alpn)
    made = [
        _extension(0, _sized(b"\0" + _sized(name))) if name else b"",
        _extension(23),
        _extension(0xFF01, b"\0"),
        _extension(10, _words(groups)),
        _extension(11, b"\x01\x00"),
        _extension(35) if stack != "go" else b"",
        _extension(16, _sized(alpn)) if alpn else b"",
        _extension(5, b"\x01\0\0\0\0") if stack != "openssl" else _extension(22),
        _extension(13, _words(_SIGNATURES[stack])),
        _extension(18) if stack in {"chrome", "go"} else b"",
    ]
    if stack in _MODERN:
        versions = [_grease(rng)] if stack == "chrome" else []
        made += [
            _extension(51, _sized(_shares(rng, stack, groups))),
            _extension(45, b"\x01\x01") if stack != "go" else b"",
            _extension(43, _words([*versions, 0x0304, 0x0303], 1)),
        ]
    if stack == "chrome":
        made += [_extension(27, b"\x02\x00\x02"), _extension(17613, _sized(_sized(b"h2", 1)))]
    if stack == "firefox":
        made += [_extension(28, b"\x40\x01"), _extension(34, _words([0x0403, 0x0503, 0x0603]))]
    return [one for one in made if one]


def _shares(rng: random.Random, stack: Stack, groups: list[int]) -> bytes:
    """Key shares; Chrome's hybrid one makes its hello longer than a packet."""
    shares = b""
    if stack == "chrome":
        shares += struct.pack("!HH", groups[0], 1) + b"\0"
        shares += struct.pack("!HH", _HYBRID, 1216) + rng.randbytes(1216)
    shares += struct.pack("!HH", _X25519, 32) + rng.randbytes(32)
    if stack == "firefox":
        shares += struct.pack("!HH", _P256, 65) + b"\x04" + rng.randbytes(64)
    return shares


def _sized(body: bytes, width: int = 2) -> bytes:
    return len(body).to_bytes(width, "big") + body


def _handshake(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + _sized(body, 3)


def _record(kind: int, body: bytes, version: int = 0x0303) -> bytes:
    return struct.pack("!BHH", kind, version, len(body)) + body


def _server_hello(rng: random.Random, *, modern: bool, cipher: int, alpn: str) -> bytes:
    if modern:
        extensions = _extension(43, b"\x03\x04") + _extension(
            51, struct.pack("!HH", _X25519, 32) + rng.randbytes(32)
        )
    else:
        extensions = _extension(0xFF01, b"\0") + _extension(11, b"\x01\x00") + _extension(23)
        if alpn:
            extensions += _extension(16, _sized(_sized(alpn.encode(), 1)))
    body = b"\x03\x03" + rng.randbytes(32) + b"\x20" + rng.randbytes(32)
    return _handshake(2, body + cipher.to_bytes(2, "big") + b"\0" + _sized(extensions))


def handshake(talk: Conversation, rng: random.Random, session: Session) -> None:
    """The whole handshake inside a connected conversation."""
    talk.send(client_hello(rng, session))
    if session.modern and session.stack in _MODERN:
        hello = _record(22, _server_hello(rng, modern=True, cipher=0x1301, alpn=""))
        talk.receive(
            hello + b"\x14\x03\x03\x00\x01\x01" + application(rng, 2300 + len(session.certificate))
        )
        talk.send(b"\x14\x03\x03\x00\x01\x01" + application(rng, 53))
        return
    hello = _server_hello(
        rng, modern=False, cipher=0xC02F, alpn=session.alpn[-1] if session.alpn else ""
    )
    chain = _sized(_sized(session.certificate, 3), 3)
    key = b"\x03\x00\x1d\x20" + rng.randbytes(32) + b"\x08\x04" + _sized(rng.randbytes(256))
    server = hello + _handshake(11, chain) + _handshake(12, key) + _handshake(14, b"")
    talk.receive(_record(22, server))
    exchange = _record(22, _handshake(16, b"\x20" + rng.randbytes(32)))
    finished = b"\x14\x03\x03\x00\x01\x01" + _record(22, rng.randbytes(40))
    talk.send(exchange + finished)
    talk.receive(finished[:6] + _record(22, rng.randbytes(40)))


def application(rng: random.Random, size: int) -> bytes:
    """Application data of about `size` bytes, in records of at most 16 KiB."""
    made = bytearray()
    while size > 0:
        part = min(size, 16_384)
        made += _record(23, rng.randbytes(part))
        size -= part
    return bytes(made)
