"""X.509 certificates that parse; the signature is random (RFC 5280)."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from fengsui.clock import DAY, SECOND
from playbooks.drills.traffic.protocols.der import (
    bits,
    der,
    field,
    integer,
    octets,
    oid,
    sequence,
)

_RSA_SHA256 = sequence(oid("1.2.840.113549.1.1.11"), b"\x05\x00")
_RSA = sequence(oid("1.2.840.113549.1.1.1"), b"\x05\x00")


def _name(organisation: str, common: str) -> bytes:
    parts = [("2.5.4.6", "CN"), ("2.5.4.10", organisation), ("2.5.4.3", common)]
    return sequence(
        *(
            der(0x31, sequence(oid(kind), der(0x13 if kind == "2.5.4.6" else 0x0C, text.encode())))
            for kind, text in parts
            if text
        )
    )


def _time(ns: int) -> bytes:
    stamp = datetime.fromtimestamp(ns // SECOND, UTC)
    return der(0x17, stamp.strftime("%y%m%d%H%M%SZ").encode())


def certificate(
    rng: random.Random,
    common: str,
    issuer: tuple[str, str],
    *,
    at: int,
    days: int,
    organisation: str = "",
) -> bytes:
    """A leaf of `common`, signed by `issuer` (organisation, common name), valid from `at` (ns)."""
    modulus = int.from_bytes(rng.randbytes(256), "big") | 1 << 2047 | 1
    key = sequence(_RSA, bits(sequence(integer(modulus), integer(65_537))))
    names = sequence(der(0x82, common.encode()))
    extensions = field(
        3,
        sequence(sequence(oid("2.5.29.17"), octets(names))),
    )
    body = sequence(
        field(0, integer(2)),
        integer(rng.getrandbits(120)),
        _RSA_SHA256,
        _name(*issuer),
        sequence(_time(at), _time(at + days * DAY)),
        _name(organisation, common),
        key,
        extensions,
    )
    return sequence(body, _RSA_SHA256, bits(rng.randbytes(256)))
