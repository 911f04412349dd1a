"""NTLMSSP messages inside SPNEGO, as a Windows client and server send them ([MS-NLMP], RFC 4178)."""

from __future__ import annotations

import random
import struct

from playbooks.drills.traffic.protocols.der import application, der, field, octets, oid, sequence

_SPNEGO = oid("1.3.6.1.5.5.2")
_NTLMSSP = oid("1.3.6.1.4.1.311.2.2.10")
_FLAGS = 0xE2888215  # Unicode, NTLM, always sign, extended security, target info, version, 128, 56
_VERSION = b"\x0a\x00\x61\x4a\x00\x00\x00\x0f"  # 10.0.19041


def hint() -> bytes:
    """What a server offers before the client speaks."""
    return application(0, _SPNEGO, field(0, sequence(field(0, sequence(_NTLMSSP)))))


def negotiate() -> bytes:
    """The client's first token."""
    kinds = field(0, sequence(_NTLMSSP))
    token = field(2, octets(negotiate_message()))
    return application(0, _SPNEGO, field(0, sequence(kinds, token)))


def negotiate_message() -> bytes:
    """NEGOTIATE without SPNEGO, as DCE/RPC carries it."""
    head = b"NTLMSSP\0" + struct.pack("<II", 1, 0xE2088297)
    return head + struct.pack("<HHIHHI", 0, 0, 40, 0, 0, 40) + _VERSION


def challenge(rng: random.Random, domain: str, server: str) -> bytes:
    """The server's answer: more is needed."""
    message = challenge_message(rng, domain, server)
    parts = (field(0, der(0x0A, b"\x01")), field(1, _NTLMSSP), field(2, octets(message)))
    return field(1, sequence(*parts))


def challenge_message(rng: random.Random, domain: str, server: str) -> bytes:
    """CHALLENGE without SPNEGO."""
    target = domain.encode("utf-16-le")
    pairs = b"".join(
        struct.pack("<HH", kind, 2 * len(text)) + text.encode("utf-16-le")
        for kind, text in ((2, domain), (1, server), (4, domain.lower()), (3, server.lower()))
    )
    pairs += bytes(4)
    head = b"NTLMSSP\0" + struct.pack("<IHHII", 2, len(target), len(target), 56, _FLAGS)
    info = struct.pack("<HHI", len(pairs), len(pairs), 56 + len(target))
    return head + rng.randbytes(8) + bytes(8) + info + _VERSION + target + pairs


def authenticate(rng: random.Random, domain: str, user: str, workstation: str) -> bytes:
    """The client's proof."""
    message = authenticate_message(rng, domain, user, workstation)
    return field(1, sequence(field(2, octets(message))))


def authenticate_message(rng: random.Random, domain: str, user: str, workstation: str) -> bytes:
    """AUTHENTICATE without SPNEGO: NTLMv2 response of random bytes."""
    blob = b"\x01\x01" + bytes(6) + rng.randbytes(8) + rng.randbytes(8) + bytes(4) + bytes(8)
    values = [
        bytes(24),
        rng.randbytes(16) + blob,
        *(word.encode("utf-16-le") for word in (domain, user, workstation)),
        rng.randbytes(16),
    ]
    places, payload, at = b"", b"", 88
    for value in values:
        places += struct.pack("<HHI", len(value), len(value), at)
        payload += value
        at += len(value)
    head = b"NTLMSSP\0" + struct.pack("<I", 3) + places + struct.pack("<I", _FLAGS)
    return head + _VERSION + rng.randbytes(16) + payload


def accepted() -> bytes:
    """The server is content."""
    return field(1, sequence(field(0, der(0x0A, b"\x00"))))
