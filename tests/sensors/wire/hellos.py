"""Hellos and handshakes of TLS by hand, for the tests of everything that reads them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

CIPHERS = (0x1A1A, 0x1301, 0xC02F, 0x002F)
SIGNATURES = (0x0403, 0x0804)
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def vector(data: bytes, width: int = 2) -> bytes:
    return len(data).to_bytes(width, "big") + data


def ext(kind: int, data: bytes = b"") -> bytes:
    return struct.pack(">HH", kind, len(data)) + data


def words(values: Iterable[int]) -> bytes:
    return b"".join(value.to_bytes(2, "big") for value in values)


def sni(name: bytes) -> bytes:
    return ext(0, vector(b"\0" + vector(name)))


def alpn(*names: bytes) -> bytes:
    return ext(16, vector(b"".join(vector(name, 1) for name in names)))


def usual_extensions(name: bytes = b"www.example.org", protocol: bytes = b"h2") -> bytes:
    return b"".join(
        (
            ext(0x2A2A),
            sni(name),
            ext(10, vector(words((0x3A3A, 29, 23)))),
            ext(11, vector(b"\0", 1)),
            ext(13, vector(words(SIGNATURES))),
            alpn(protocol, b"http/1.1"),
            ext(43, vector(words((0x4A4A, 0x0304, 0x0303)), 1)),
        )
    )


def client_body(
    extensions: bytes | None = None,
    ciphers: Sequence[int] = CIPHERS,
    version: int = 0x0303,
    session: bytes = b"s" * 32,
    cookie: bytes | None = None,
) -> bytes:
    body = words((version,)) + b"r" * 32 + vector(session, 1)
    if cookie is not None:
        body += vector(cookie, 1)
    body += vector(words(ciphers)) + b"\x01\0"
    return body + vector(usual_extensions() if extensions is None else extensions)


def server_body(
    extensions: bytes | None = None,
    cipher: int = 0x1301,
    version: int = 0x0303,
    session: bytes = b"",
    random: bytes = b"q" * 32,
) -> bytes:
    if extensions is None:
        extensions = ext(43, b"\x03\x04") + ext(51, struct.pack(">HH", 29, 2) + b"kk")
    body = words((version,)) + random + vector(session, 1) + words((cipher,)) + b"\0"
    return body + (vector(extensions) if extensions else b"")


def message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def record(kind: int, data: bytes, version: int = 0x0301) -> bytes:
    return bytes((kind,)) + words((version,)) + vector(data)


def chain(*certificates: bytes) -> bytes:
    return vector(b"".join(vector(one, 3) for one in certificates), 3)


numbers = st.integers(0, 0xFFFF)
_known = st.sampled_from(
    (0x0A0A, 0x1301, 0x1302, 0x002F, 0x0035, 0xC02B, 0xC02F, 0xCCA8, 0xE013, 0xFAFA)
)
_names = st.text("abcdefghijklmnop.-", max_size=20).map(str.encode)
_extension = st.one_of(
    st.builds(sni, _names.filter(len)),
    st.builds(lambda them: alpn(*them), st.lists(st.binary(max_size=9), max_size=3)),
    st.builds(lambda them: ext(10, vector(words(them))), st.lists(numbers, max_size=6)),
    st.builds(lambda them: ext(11, vector(them, 1)), st.binary(max_size=4)),
    st.builds(lambda them: ext(13, vector(words(them))), st.lists(numbers, max_size=6)),
    st.builds(
        lambda them: ext(43, vector(words(them), 1)),
        st.lists(st.sampled_from((0x0304, 0x0303, 0x0302, 0x0301, 0x5A5A, 0x7F1C)), max_size=5),
    ),
    st.builds(
        ext, st.sampled_from((5, 18, 21, 23, 35, 41, 51, 0x0A0A, 0xFF01)), st.binary(max_size=9)
    ),
)


def _once(them: list[bytes]) -> bytes:
    """Each kind once: what a repeated one means is nobody's agreement."""
    return b"".join({one[:2]: one for one in them}.values())


extensions = st.lists(_extension, max_size=10).map(_once)
client_bodies = st.builds(
    client_body,
    extensions,
    st.lists(st.one_of(numbers, _known), min_size=1, max_size=20),
    st.sampled_from((0x0301, 0x0302, 0x0303)),
    st.binary(max_size=32),
)
_chosen = st.lists(
    st.one_of(
        st.builds(alpn, st.binary(min_size=1, max_size=9)),
        st.builds(lambda one: ext(43, words((one,))), st.sampled_from((0x0304, 0x0303))),
        st.builds(lambda one: ext(51, words((one, 2)) + b"kk"), st.sampled_from((23, 29, 4588, 9))),
        st.builds(ext, st.sampled_from((5, 11, 23, 35, 0xFF01)), st.binary(max_size=9)),
    ),
    max_size=6,
).map(_once)
server_bodies = st.builds(
    server_body, _chosen, st.one_of(numbers, _known), st.sampled_from((0x0301, 0x0302, 0x0303))
)
