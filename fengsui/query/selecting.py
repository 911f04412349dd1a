"""Building queries that select at least, or at most, what another language selects.

For rules and indicators asked of a store: `sure` stands for at most. A value that has not the shape of
its field (an address with a zone, a number as text) compares as text; `odd` selects such values.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

from fengsui.query.tree import All, Any, Everything, Exists, Not, Query, Range, Term
from fengsui.query.values import field_type

EVERYTHING: Final = Everything()
NOTHING: Final = Not(EVERYTHING)


def all_of(parts: Iterable[Query]) -> Query:
    """AND, without constants and nesting."""
    kept = _flat(parts, All)
    if NOTHING in kept:
        return NOTHING
    return _one(tuple(one for one in kept if one != EVERYTHING), All, EVERYTHING)


def any_of(parts: Iterable[Query]) -> Query:
    """OR, without constants and nesting."""
    kept = _flat(parts, Any)
    if EVERYTHING in kept:
        return EVERYTHING
    return _one(tuple(one for one in kept if one != NOTHING), Any, NOTHING)


def negated(part: Query) -> Query:
    """NOT."""
    return part.part if isinstance(part, Not) else Not(part)


def odd(field: str) -> Query:
    """Events whose value of an ordered field (number, address, date) has not its shape."""
    return all_of([Exists(field), Not(Range(field, None, None))])


def addresses_in(field: str, cidr: str, *, sure: bool = False) -> Query:
    """Events whose field is an address of a network; of a field of another type, all that have it."""
    if field_type(field) != "ip":
        return NOTHING if sure else Exists(field)
    inside = Term(field, str(ipaddress.ip_network(cidr)))
    return inside if sure else any_of([inside, odd(field)])


def _flat(parts: Iterable[Query], kind: type[All] | type[Any]) -> tuple[Query, ...]:
    found: dict[Query, None] = {}
    for part in parts:
        found |= dict.fromkeys(part.parts if isinstance(part, kind) else (part,))
    return tuple(found)


def _one(parts: tuple[Query, ...], kind: type[All] | type[Any], empty: Query) -> Query:
    if len(parts) < 2:
        return parts[0] if parts else empty
    return kind(parts)
