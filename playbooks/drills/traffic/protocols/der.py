"""DER as far as certificates, Kerberos, LDAP and SPNEGO need it (ITU-T X.690)."""

from __future__ import annotations


def der(tag: int, *contents: bytes) -> bytes:
    """One value: tag byte, definite length, contents."""
    body = b"".join(contents)
    size = len(body)
    if size < 128:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def sequence(*contents: bytes) -> bytes:
    """SEQUENCE."""
    return der(0x30, *contents)


def integer(value: int) -> bytes:
    """INTEGER, not negative."""
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    """OCTET STRING."""
    return der(0x04, value)


def bits(value: bytes) -> bytes:
    """BIT STRING of whole bytes."""
    return der(0x03, b"\0" + value)


def general(value: str) -> bytes:
    """GeneralString, as Kerberos writes names."""
    return der(0x1B, value.encode())


def field(number: int, *contents: bytes) -> bytes:
    """Context-specific, constructed: `[number]`."""
    return der(0xA0 | number, *contents)


def application(number: int, *contents: bytes) -> bytes:
    """Application, constructed."""
    return der(0x60 | number, *contents)


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    body = bytes((first * 40 + second,))
    for number in rest:
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(number & 0x7F | 0x80)
        body += bytes(reversed(septets))
    return der(0x06, body)
