"""Kerberos and LDAP of a Windows domain, as clients meet them (RFC 4120, RFC 4511)."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from fengsui.clock import DAY, SECOND
from playbooks.drills.traffic.protocols.der import (
    application,
    bits,
    der,
    field,
    general,
    integer,
    octets,
    sequence,
)

_AES256 = 18
_TICKET_BYTES = 1_100


def _time(ns: int) -> bytes:
    stamp = datetime.fromtimestamp(ns // SECOND, UTC)
    return der(0x18, stamp.strftime("%Y%m%d%H%M%SZ").encode())


def _principal(kind: int, *names: str) -> bytes:
    return sequence(field(0, integer(kind)), field(1, sequence(*(general(n) for n in names))))


def _encrypted(rng: random.Random, size: int) -> bytes:
    return sequence(field(0, integer(_AES256)), field(2, octets(rng.randbytes(size))))


def _body(rng: random.Random, realm: str, user: str, service: tuple[str, ...], now: int) -> bytes:
    parts = [field(0, bits(b"\x40\x81\x00\x10"))]
    if user:
        parts.append(field(1, _principal(1, user)))
    parts += [
        field(2, general(realm)),
        field(3, _principal(2, *service)),
        field(5, _time(now + DAY)),
        field(7, integer(rng.getrandbits(31))),
        field(8, sequence(*(integer(kind) for kind in (18, 17, 23)))),
    ]
    return sequence(*parts)


def _framed(message: bytes) -> bytes:
    return len(message).to_bytes(4, "big") + message


def as_request(rng: random.Random, realm: str, user: str, now: int, *, proof: bool) -> bytes:
    """AS-REQ for a ticket-granting ticket, over TCP; with `proof`, pre-authenticated."""
    padata = []
    if proof:
        stamp = sequence(field(1, integer(2)), field(2, octets(_encrypted(rng, 56))))
        padata = [stamp]
    padata.append(
        sequence(field(1, integer(128)), field(2, octets(sequence(field(0, der(1, b"\xff"))))))
    )
    body = _body(rng, realm, user, ("krbtgt", realm), now)
    message = sequence(
        field(1, integer(5)), field(2, integer(10)), field(3, sequence(*padata)), field(4, body)
    )
    return _framed(application(10, message))


def as_reply(rng: random.Random, realm: str, user: str) -> bytes:
    """AS-REP with its ticket."""
    return _reply(rng, realm, user, ("krbtgt", realm), 11)


def tgs_request(rng: random.Random, realm: str, service: tuple[str, ...], now: int) -> bytes:
    """TGS-REQ for a service such as `("cifs", "fs01")`."""
    ticket = _ticket(rng, realm, ("krbtgt", realm))
    ap = application(
        14,
        sequence(
            field(0, integer(5)),
            field(1, integer(14)),
            field(2, bits(bytes(4))),
            field(3, ticket),
            field(4, _encrypted(rng, 180)),
        ),
    )
    padata = sequence(sequence(field(1, integer(1)), field(2, octets(ap))))
    body = _body(rng, realm, "", service, now)
    message = sequence(
        field(1, integer(5)), field(2, integer(12)), field(3, padata), field(4, body)
    )
    return _framed(application(12, message))


def tgs_reply(rng: random.Random, realm: str, user: str, service: tuple[str, ...]) -> bytes:
    """TGS-REP with the service's ticket."""
    return _reply(rng, realm, user, service, 13)


def _reply(rng: random.Random, realm: str, user: str, service: tuple[str, ...], kind: int) -> bytes:
    message = sequence(
        field(0, integer(5)),
        field(1, integer(kind)),
        field(3, general(realm)),
        field(4, _principal(1, user)),
        field(5, _ticket(rng, realm, service)),
        field(6, _encrypted(rng, 230)),
    )
    return _framed(application(kind, message))


def _ticket(rng: random.Random, realm: str, service: tuple[str, ...]) -> bytes:
    return application(
        1,
        sequence(
            field(0, integer(5)),
            field(1, general(realm)),
            field(2, _principal(2, *service)),
            field(3, _encrypted(rng, _TICKET_BYTES)),
        ),
    )


def krb_error(realm: str, now: int, code: int = 25) -> bytes:
    """KRB-ERROR; 25 is "pre-authentication required", 24 a wrong password."""
    message = sequence(
        field(0, integer(5)),
        field(1, integer(30)),
        field(4, _time(now)),
        field(5, integer(now // 1000 % 1_000_000)),
        field(6, integer(code)),
        field(9, general(realm)),
        field(10, _principal(2, "krbtgt", realm)),
    )
    return _framed(application(30, message))


def ldap_bind(number: int) -> bytes:
    """Anonymous simple bind."""
    operation = application(0, integer(3), octets(b""), der(0x80, b""))
    return sequence(integer(number), operation)


def ldap_bound(number: int) -> bytes:
    """Bind response: success."""
    result = der(0x0A, b"\0") + octets(b"") + octets(b"")
    return sequence(integer(number), application(1, result))


def ldap_search(number: int, base: str, attribute: str, value: str) -> bytes:
    """Subtree search by equality."""
    wanted = der(0xA3, octets(attribute.encode()), octets(value.encode()))
    operation = application(
        3,
        octets(base.encode()),
        der(0x0A, b"\x02"),
        der(0x0A, b"\x00"),
        integer(0),
        integer(0),
        der(1, b"\0"),
        wanted,
        sequence(octets(b"distinguishedName"), octets(b"memberOf")),
    )
    return sequence(integer(number), operation)


def ldap_found(number: int, name: str, groups: list[str]) -> bytes:
    """One entry and the end of the search."""
    values = der(0x31, *(octets(group.encode()) for group in groups))
    attributes = sequence(sequence(octets(b"memberOf"), values))
    entry = sequence(integer(number), application(4, octets(name.encode()), attributes))
    done = sequence(integer(number), application(5, der(0x0A, b"\0"), octets(b""), octets(b"")))
    return entry + done
