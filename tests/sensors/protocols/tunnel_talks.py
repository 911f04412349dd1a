"""Conversations of tunnels and peers, built from the specifications for their tests."""

from __future__ import annotations

import struct

from tests.sensors.protocols.data_talks import C, S, Said

# SOCKS

SOCKS5: Said = [
    (C, b"\5\2\0\2"),
    (S, b"\5\2"),
    (C, b"\1\2li\3pwd"),
    (S, b"\1\0"),
    (C, b"\5\1\0\3\x0bexample.org\1\xbb"),
    (S, b"\5\0\0\1\xc0\0\2\7\x12\x34"),
    (C, b"GET / HTTP/1.1\r\n\r\n"),
]
SOCKS4: Said = [
    (C, b"\4\1\0\x50\0\0\0\1li\0example.org\0"),
    (S, b"\0\x5b\0\0\0\0\0\0"),
]

# Tunnels

WIREGUARD: Said = [
    (C, b"\1\0\0\0" + bytes(range(144))),
    (S, b"\2\0\0\0" + bytes(range(88))),
    (C, b"\4\0\0\0" + bytes(28)),
    (S, b"\4\0\0\0" + bytes(92)),
]
_SID, _SID2 = b"abcdefgh", b"ABCDEFGH"
OPENVPN: Said = [
    (C, b"\x38" + _SID + bytes(20) + b"\0\0\0\1" + b"\x65\0\0\0" + bytes(5)),
    (
        S,
        b"\x40" + _SID2 + bytes(20) + b"\0\0\0\1" + b"\x65\0\0\0" + b"\1\0\0\0\0" + _SID + bytes(4),
    ),
    (C, b"\x20" + _SID + bytes(60)),
    (S, b"\x20" + _SID2 + bytes(60)),
    (C, b"\x48\0\0\0" + bytes(60)),
    (S, b"\x48\0\0\0" + bytes(60)),
]


def in_stream(said: Said) -> Said:
    return [(side, struct.pack(">H", len(data)) + data) for side, data in said]


def ike2(payload: int, body: bytes, *, flags: int, response: bytes = bytes(8)) -> bytes:
    return b"initspi!" + response + struct.pack(
        ">BBBBII", payload, 0x20, 34, flags, 0, 28 + len(body)
    ) + body  # fmt: skip


def ike2_sa() -> bytes:
    transforms = b"".join(
        struct.pack(">BBHBBH", more, 0, 8 + len(extra), kind, 0, number) + extra
        for more, kind, number, extra in (
            (3, 1, 12, b"\x80\x0e\1\0"), (3, 2, 5, b""), (3, 3, 12, b""), (0, 4, 14, b""),
        )
    )  # fmt: skip
    proposal = struct.pack(">BBHBBBB", 0, 0, 8 + len(transforms), 1, 1, 0, 4) + transforms
    key = struct.pack(">BBHHH", 41, 0, 8 + 32, 14, 0) + bytes(32)
    notify = struct.pack(">BBHBBH", 0, 0, 8, 0, 0, 16388)
    return struct.pack(">BBH", 34, 0, 4 + len(proposal)) + proposal + key + notify


IKE2: Said = [
    (C, ike2(33, ike2_sa(), flags=8)),
    (S, ike2(33, ike2_sa(), flags=0x20, response=b"respspi!")),
]


def ike1_sa() -> bytes:
    attributes = (
        b"\x80\1\0\7\x80\x0e\0\x80\x80\2\0\2\x80\3\0\1\x80\4\0\2\x80\x0b\0\1\0\x0c\0\4\0\0\x70\x80"
    )
    transform = struct.pack(">BBHBBH", 0, 0, 8 + len(attributes), 1, 1, 0) + attributes
    proposal = struct.pack(">BBHBBBB", 0, 0, 8 + len(transform), 1, 1, 0, 1) + transform
    body = struct.pack(">II", 1, 1) + proposal
    vendor = b"\0\0\0\x0c" + b"\x4a\x13\x1c\x81\x07\x03\x58\x45"
    return struct.pack(">BBH", 13, 0, 4 + len(body)) + body + vendor


def ike1(body: bytes, *, response: bytes = bytes(8), flags: int = 0) -> bytes:
    return (
        b"initspi1" + response + struct.pack(">BBBBII", 1, 0x10, 2, flags, 0, 28 + len(body)) + body
    )


IKE1: Said = [
    (C, ike1(ike1_sa())),
    (S, ike1(ike1_sa(), response=b"respspi1")),
    (C, ike1(bytes(40), response=b"respspi1", flags=1)),
]

# STUN


def stun(kind: int, *attributes: tuple[int, bytes]) -> bytes:
    body = b"".join(
        struct.pack(">HH", code, len(value)) + value + bytes(-len(value) % 4)
        for code, value in attributes
    )
    return struct.pack(">HH", kind, len(body)) + b"\x21\x12\xa4\x42" + b"abcdefghijkl" + body


# 198.51.100.7:4660 under the cookie
XOR_MAPPED = bytes(a ^ b for a, b in zip(b"\x12\x34", b"\x21\x12", strict=True)) + bytes(
    a ^ b for a, b in zip(bytes((198, 51, 100, 7)), b"\x21\x12\xa4\x42", strict=True)
)
STUN: Said = [
    (C, stun(1, (6, b"li:x"), (0x8022, b"probe 1"))),
    (S, stun(0x101, (0x20, b"\0\1" + XOR_MAPPED))),
    (C, stun(3, (0x19, b"\x11\0\0\0"))),
    (S, stun(0x113, (9, b"\0\0\4\1Unauthorized"), (0x14, b"example.org"))),
]  # fmt: skip

# BitTorrent

PEERS: Said = [
    (side, b"\x13BitTorrent protocol" + bytes(8) + b"h" * 20 + peer)
    for side, peer in ((C, b"-TR3000-abcdefghijkl"), (S, b"-qB4500-ABCDEFGHIJKL"))
]
DHT: Said = [
    (
        C,
        b"d1:ad2:id20:"
        + b"n" * 20
        + b"9:info_hash20:"
        + b"h" * 20
        + b"e1:q9:get_peers1:t2:aa1:y1:qe",
    ),
    (S, b"d1:rd2:id20:" + b"m" * 20 + b"5:token1:xe1:t2:aa1:y1:re"),
]

# VNC

VNC: Said = [
    (S, b"RFB 003.008\n"),
    (C, b"RFB 003.008\n"),
    (S, b"\2\1\2"),
    (C, b"\2"),
    (S, b"0123456789abcdef"),
    (C, b"fedcba9876543210"),
    (S, bytes(4)),
    (C, b"\1"),
    (S, struct.pack(">HH", 1024, 768) + bytes(16) + b"\0\0\0\4desk"),
    (C, b"\0\0\0\0" + bytes(20)),
]
