"""DNS messages as scapy builds them; a message that recurs is built once and renumbered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from scapy.layers.dns import DNS, DNSQR, DNSRR


@dataclass(frozen=True, slots=True)
class Answer:
    """One record of a reply. `data` is an address, a name, or text for TXT."""

    name: str
    kind: str
    data: str
    ttl: int = 300


@lru_cache(maxsize=4096)
def _question(name: str, kind: str) -> bytes:
    return bytes(DNS(id=0, rd=1, qd=[DNSQR(qname=name, qtype=kind)]))


@lru_cache(maxsize=4096)
def _reply(name: str, kind: str, answers: tuple[Answer, ...], code: int) -> bytes:
    records = [
        DNSRR(
            rrname=one.name,
            type=one.kind,
            ttl=one.ttl,
            rdata=one.data.encode("latin-1") if one.kind in {"TXT", "NULL"} else one.data,
        )
        for one in answers
    ]
    question = [DNSQR(qname=name, qtype=kind)]
    return bytes(DNS(id=0, qr=1, rd=1, ra=1, rcode=code, qd=question, an=records))


def question(number: int, name: str, kind: str = "A") -> bytes:
    """A query with recursion desired."""
    return number.to_bytes(2, "big") + _question(name, kind)[2:]


def reply(
    number: int, name: str, kind: str = "A", answers: tuple[Answer, ...] = (), code: int = 0
) -> bytes:
    """A resolver's answer; `code` 3 is NXDOMAIN."""
    return number.to_bytes(2, "big") + _reply(name, kind, answers, code)[2:]
