"""Bytes of infrastructure and control protocols, built from their specifications."""

from __future__ import annotations

import struct

ASK, TELL = 0, 1


def tlv(tag: int, *content: bytes, wide: bool = False) -> bytes:
    """A BER value; `wide` writes the length as Active Directory does."""
    body = b"".join(content)
    if wide:
        return bytes([tag, 0x84]) + len(body).to_bytes(4, "big") + body
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes(2, "big")
    return bytes([tag, 0x82]) + size + body


def number(value: int, tag: int = 2) -> bytes:
    return tlv(tag, value.to_bytes(max(1, (value.bit_length() + 8) // 8), "big", signed=True))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    body = bytearray([first * 40 + second])
    for one in rest:
        piece = [one & 127]
        while one := one >> 7:
            piece.insert(0, one & 127 | 128)
        body += bytes(piece)
    return tlv(6, bytes(body))


# Kerberos


def principal(*names: str) -> bytes:
    listed = tlv(0x30, *(tlv(0x1B, name.encode()) for name in names))
    return tlv(0x30, tlv(0xA0, number(1)), tlv(0xA1, listed))


def encrypted(etype: int) -> bytes:
    return tlv(0x30, tlv(0xA0, number(etype)), tlv(0xA2, tlv(4, b"x" * 40)))


def kdc_request(
    tag: int, client: str, service: tuple[str, ...], types: tuple[int, ...], nonce: int = 77
) -> bytes:
    parts = [tlv(0xA0, tlv(3, b"\0\x40\x81\0\x10"))]
    if client:
        parts.append(tlv(0xA1, principal(client)))
    parts += [
        tlv(0xA2, tlv(0x1B, b"EXAMPLE.GOV")),
        tlv(0xA3, principal(*service)),
        tlv(0xA5, tlv(0x18, b"20370913024805Z")),
        tlv(0xA7, number(nonce)),
        tlv(0xA8, tlv(0x30, *(number(one) for one in types))),
    ]
    padata = tlv(0x30, tlv(0x30, tlv(0xA1, number(128)), tlv(0xA2, tlv(4, b"0"))))
    return tlv(
        tag,
        tlv(
            0x30,
            tlv(0xA1, number(5)),
            tlv(0xA2, number(tag & 31)),
            tlv(0xA3, padata),
            tlv(0xA4, tlv(0x30, *parts)),
        ),
    )


def kdc_reply(tag: int, client: str, service: tuple[str, ...], ticket: int, sealed: int) -> bytes:
    inner = tlv(
        0x30,
        tlv(0xA0, number(5)),
        tlv(0xA1, tlv(0x1B, b"EXAMPLE.GOV")),
        tlv(0xA2, principal(*service)),
        tlv(0xA3, encrypted(ticket)),
    )
    return tlv(
        tag,
        tlv(
            0x30,
            tlv(0xA0, number(5)),
            tlv(0xA1, number(tag & 31)),
            tlv(0xA3, tlv(0x1B, b"EXAMPLE.GOV")),
            tlv(0xA4, principal(client)),
            tlv(0xA5, tlv(0x61, inner)),
            tlv(0xA6, encrypted(sealed)),
        ),
    )


def kdc_error(code: int, words: str = "") -> bytes:
    parts = [
        tlv(0xA0, number(5)), tlv(0xA1, number(30)), tlv(0xA4, tlv(0x18, b"20250101000000Z")),
        tlv(0xA5, number(1)), tlv(0xA6, number(code)), tlv(0xA9, tlv(0x1B, b"EXAMPLE.GOV")),
        tlv(0xAA, principal("krbtgt", "EXAMPLE.GOV")),
    ]  # fmt: skip
    if words:
        parts.append(tlv(0xAB, tlv(0x1B, words.encode())))
    return tlv(0x7E, tlv(0x30, *parts))


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(4, "big") + message


# LDAP


def ldap(message: int, operation: bytes, *, wide: bool = False) -> bytes:
    return tlv(0x30, number(message), operation, wide=wide)


def bind(name: str, password: str) -> bytes:
    return tlv(0x60, number(3), tlv(4, name.encode()), tlv(0x80, password.encode()))


def sasl_bind(mechanism: str, token: bytes = b"token") -> bytes:
    return tlv(0x60, number(3), tlv(4), tlv(0xA3, tlv(4, mechanism.encode()), tlv(4, token)))


def ldap_result(tag: int, code: int, words: str = "", token: bytes = b"") -> bytes:
    more = tlv(0x87, token) if token else b""
    return tlv(tag, number(code, 0x0A), tlv(4), tlv(4, words.encode()), more)


def search(base: str, scope: int, found: bytes, *attributes: str) -> bytes:
    return tlv(
        0x63,
        tlv(4, base.encode()),
        number(scope, 0x0A),
        number(0, 0x0A),
        number(0),
        number(0),
        tlv(1, b"\0"),
        found,
        tlv(0x30, *(tlv(4, one.encode()) for one in attributes)),
    )


def equal(name: str, value: str) -> bytes:
    return tlv(0xA3, tlv(4, name.encode()), tlv(4, value.encode()))


def entry(name: str, padding: int = 0) -> bytes:
    values = tlv(0x30, tlv(4, b"data"), tlv(0x31, tlv(4, b"v" * padding)))
    return tlv(0x64, tlv(4, name.encode()), tlv(0x30, values))


# SNMP


def snmp(version: int, community: str, pdu: bytes) -> bytes:
    return tlv(0x30, number(version), tlv(4, community.encode()), pdu)


def snmp_pdu(tag: int, request: int, error: int, *bindings: tuple[str, bytes]) -> bytes:
    listed = tlv(0x30, *(tlv(0x30, oid(name), value) for name, value in bindings))
    return tlv(tag, number(request), number(error), number(0), listed)


def snmp3(user: str, flags: int, scoped: bytes) -> bytes:
    head = tlv(0x30, number(5), number(65507), tlv(4, bytes([flags])), number(3))
    usm = tlv(
        0x30,
        tlv(4, b"\x80\0\x1f\x88\4"),
        number(1),
        number(2),
        tlv(4, user.encode()),
        tlv(4, b"\0" * 12),
        tlv(4),
    )
    return tlv(0x30, number(3), head, tlv(4, usm), scoped)


# RDP


def tpkt(body: bytes) -> bytes:
    return b"\3\0" + (4 + len(body)).to_bytes(2, "big") + body


def rdp_request(cookie: bytes, protocols: int | None) -> bytes:
    rest = cookie + (b"" if protocols is None else b"\1\0\x08\0" + protocols.to_bytes(4, "little"))
    return tpkt(bytes([6 + len(rest), 0xE0]) + b"\0\0\0\0\0" + rest)


def rdp_confirm(kind: int | None, value: int = 0) -> bytes:
    rest = b"" if kind is None else bytes([kind]) + b"\0\x08\0" + value.to_bytes(4, "little")
    return tpkt(bytes([6 + len(rest), 0xD0]) + b"\0\0\x12\x34\0" + rest)


def rdp_client() -> bytes:
    core = struct.pack("<IHHHHII", 0x00080004, 1280, 800, 0xCA01, 0xAA03, 2052, 7601)
    core += "DESK-01".encode("utf-16-le").ljust(32, b"\0")
    core += struct.pack("<III", 4, 0, 12) + b"\0" * 64
    core += struct.pack("<HHIHHH", 0xCA01, 1, 0, 24, 7, 1)
    core += "PRODUCT".encode("utf-16-le").ljust(64, b"\0")
    blocks = struct.pack("<HH", 0xC001, 4 + len(core)) + core
    network = struct.pack("<I", 2) + b"rdpdr\0\0\0\0\0\0\x80" + b"cliprdr\0\0\0\xa0\xc0"
    blocks += struct.pack("<HH", 0xC003, 4 + len(network)) + network
    user = b"\0\5\0\x14\x7c\0\1" + b"\x81\0\0\x08\0\x10\0\1\xc0\0Duca"
    user += (len(blocks) | 0x8000).to_bytes(2, "big") + blocks
    mcs = b"\x7f\x65" + b"\x82\x01\x00" + b"\4\1\1\4\1\1\1\1\xff" + user
    return tpkt(b"\2\xf0\x80" + mcs)


def rdp_server(method: int, level: int) -> bytes:
    certificate = struct.pack("<III", 1, 1, 1) + b"key"
    security = struct.pack("<IIII", method, level, 32, len(certificate)) + b"r" * 32 + certificate
    blocks = struct.pack("<HHI", 0x0C01, 8, 0x00080004)
    blocks += struct.pack("<HH", 0x0C02, 4 + len(security)) + security
    user = b"\0\5\0\x14\x7c\0\1\x2a\x14\x76\x0a\1\0\1\xc0\0McDn" + (len(blocks) | 0x8000).to_bytes(
        2, "big"
    )
    return tpkt(b"\2\xf0\x80\x7f\x66\x82\x01\x00\x0a\1\0\2\1\0" + user + blocks)


# RADIUS, DHCP


def radius(code: int, identifier: int, *attributes: tuple[int, bytes]) -> bytes:
    body = b"".join(bytes([kind, 2 + len(value)]) + value for kind, value in attributes)
    return bytes([code, identifier]) + (20 + len(body)).to_bytes(2, "big") + b"a" * 16 + body


def dhcp(
    reply: bool, transaction: int, *options: tuple[int, bytes], yours: bytes = b"\0" * 4
) -> bytes:
    head = bytes([2 if reply else 1, 1, 6, 0]) + transaction.to_bytes(4, "big") + b"\0" * 8
    head += yours + b"\0" * 8 + b"\x02\x00\x5e\x10\x20\x30" + b"\0" * 10 + b"\0" * 192
    body = b"".join(bytes([kind, len(value)]) + value for kind, value in options)
    return head + b"\x63\x82\x53\x63" + body + b"\xff"


def option6(kind: int, value: bytes) -> bytes:
    return struct.pack(">HH", kind, len(value)) + value


def dhcp6(kind: int, transaction: int, *options: bytes) -> bytes:
    return bytes([kind]) + transaction.to_bytes(3, "big") + b"".join(options)


# Control


def modbus(transaction: int, unit: int, pdu: bytes) -> bytes:
    return struct.pack(">HHHB", transaction, 0, 1 + len(pdu), unit) + pdu


def cotp(body: bytes) -> bytes:
    return tpkt(b"\2\xf0\x80" + body)


def s7(
    kind: int, reference: int, parameters: bytes, data: bytes = b"", error: bytes = b""
) -> bytes:
    head = struct.pack(">BBHHHH", 0x32, kind, 0, reference, len(parameters), len(data))
    return cotp(head + error + parameters + data)


def crc_dnp(data: bytes) -> bytes:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA6BC if value & 1 else 0)
    return (value ^ 0xFFFF).to_bytes(2, "little")


def dnp3(control: int, destination: int, source: int, body: bytes) -> bytes:
    head = b"\x05\x64" + struct.pack("<BBHH", 5 + len(body), control, destination, source)
    found = head + crc_dnp(head)
    for at in range(0, len(body), 16):
        found += body[at : at + 16] + crc_dnp(body[at : at + 16])
    return found
