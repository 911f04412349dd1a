"""ClientHello of one version with chosen cipher suites, and what a server answers.

RFC 5246 §7.4.1, RFC 8446 §4.1, GB/T 38636-2020 (TLCP, version 1.1 of its own). Made by hand: a TLS
library no longer offers what is to be found.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

SSL3, TLS10, TLS11, TLS12, TLS13, TLCP = 0x0300, 0x0301, 0x0302, 0x0303, 0x0304, 0x0101
NAMES: Final = {
    SSL3: "SSLv3", TLS10: "TLSv1.0", TLS11: "TLSv1.1", TLS12: "TLSv1.2", TLS13: "TLSv1.3",
    TLCP: "TLCP",
}  # fmt: skip
SM_SUITES: Final = (0xE013, 0xE011, 0xE053, 0xE051, 0xE019, 0xE059)
MODERN: Final = (0x1301, 0x1302, 0x1303, 0x00C6, 0x00C7)
# Kinds of suites that protect nothing or too little; DHE, ECDHE and RSA of each.
WEAK: Final = {
    "NULL": (0x0001, 0x0002, 0x003B, 0xC006, 0xC010, 0xC001, 0xC00B, 0x002C, 0x002D, 0x002E),
    "anonymous": (0x0034, 0x003A, 0x006C, 0x006D, 0x00A6, 0x00A7, 0xC018, 0xC019, 0x0018, 0x001B, 0xC015),
    "EXPORT": (0x0003, 0x0006, 0x0008, 0x000B, 0x000E, 0x0011, 0x0014, 0x0017, 0x0019),
    "RC4": (0x0004, 0x0005, 0xC002, 0xC007, 0xC00C, 0xC011, 0x008A),
    "DES": (0x0009, 0x000C, 0x000F, 0x0012, 0x0015),
    "3DES": (0x000A, 0x000D, 0x0010, 0x0013, 0x0016, 0xC003, 0xC008, 0xC00D, 0xC012),
}  # fmt: skip
SOUND: Final = (
    0xC02F, 0xC030, 0xC02B, 0xC02C, 0xCCA8, 0xCCA9, 0xCCAA, 0xC027, 0xC028, 0xC023, 0xC024, 0xC013, 0xC014,
    0xC009, 0xC00A, 0x009E, 0x009F, 0x0067, 0x006B, 0x0033, 0x0039, 0x009C, 0x009D, 0x003C, 0x003D,
    0x002F, 0x0035, 0x0041, 0x0084,
)  # fmt: skip
_HANDSHAKE: Final = 22
_ALERT: Final = 21


@dataclass(frozen=True, slots=True)
class Hello:
    """A ServerHello: the version and the suite that the server chose."""

    version: int
    suite: int


def client_hello(version: int, suites: tuple[int, ...], name: str = "") -> bytes:
    """A record with a ClientHello; `name` for the extension server_name, where it is no address."""
    legacy = min(version, TLS12) if version != TLCP else TLCP
    listed = b"".join(suite.to_bytes(2, "big") for suite in suites)
    body = legacy.to_bytes(2, "big") + secrets.token_bytes(32) + b"\x00"
    body += _sized(listed, 2) + b"\x01\x00"
    if version not in {SSL3, TLCP}:
        body += _sized(_extensions(version, name), 2)
    message = b"\x01" + _sized(body, 3)
    outer = TLCP if version == TLCP else (SSL3 if version == SSL3 else TLS10)
    return bytes([_HANDSHAKE]) + outer.to_bytes(2, "big") + _sized(message, 2)


def _extensions(version: int, name: str) -> bytes:
    groups = b"".join(g.to_bytes(2, "big") for g in (29, 23, 24, 25, 41))
    schemes = (
        0x0403,
        0x0503,
        0x0603,
        0x0807,
        0x0804,
        0x0805,
        0x0806,
        0x0401,
        0x0501,
        0x0601,
        0x0203,
        0x0201,
        0x0708,
    )
    found = _extension(10, _sized(groups, 2)) + _extension(11, b"\x01\x00")
    found += _extension(13, _sized(b"".join(s.to_bytes(2, "big") for s in schemes), 2))
    if name:
        found += _extension(0, _sized(b"\x00" + _sized(name.encode("idna"), 2), 2))
    if version == TLS13:
        share = b"\x00\x1d" + _sized(secrets.token_bytes(32), 2)
        found += _extension(43, _sized(TLS13.to_bytes(2, "big"), 1))
        found += _extension(51, _sized(share, 2)) + _extension(45, b"\x01\x01")
    return found


def _extension(kind: int, data: bytes) -> bytes:
    return kind.to_bytes(2, "big") + _sized(data, 2)


def _sized(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width, "big") + data


def record_size(head: bytes) -> int:
    """Bytes that follow a record's head of five.

    Raises:
        ValueError: it is no handshake and no alert.
    """
    if head[0] not in {_HANDSHAKE, _ALERT}:
        raise ValueError("no TLS")
    return int.from_bytes(head[3:5], "big")


def server_hello(kind: int, body: bytes) -> Hello | None:
    """The ServerHello in the first record; None for an alert.

    Raises:
        ValueError: something else.
    """
    if kind == _ALERT:
        return None
    if len(body) < 39 or body[0] != 2:
        raise ValueError("no ServerHello")
    version = int.from_bytes(body[4:6], "big")
    place = 39 + body[38]
    suite = int.from_bytes(body[place : place + 2], "big")
    if len(body) < place + 3:
        raise ValueError("cut")
    rest = body[place + 5 :]
    while len(rest) >= 4:
        size = int.from_bytes(rest[2:4], "big")
        if rest[:2] == b"\x00\x2b" and size == 2:
            version = int.from_bytes(rest[4:6], "big")
        rest = rest[4 + size :]
    return Hello(version, suite)
