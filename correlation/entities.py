"""Entity resolution: which of our hosts an alert is about, in which part, and what it can be joined by.

Both stacks of one asset are one host. A host *acts* in an alert when it is its source or attacker,
or the nearest to that among ours; it is *hit* when another of our hosts acts on it. The difference keeps
a server that many hosts touch from gluing their incidents together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fengsui.alert import Alert, Entity
from fengsui.attack import TACTICS, tactic_of

# Who acts: the first of these that names one of ours. A victim with targets of its own is a host of
# ours that somebody else controls.
_ACTING: Final = (
    frozenset({"source", "attacker"}),
    frozenset({"victim"}),
    frozenset({"target", "peer"}),
)
# How many of our hosts may share a thing before it says nothing any more: shared hosting, content
# networks, resolvers. A client fingerprint is shared by every copy of a program: it never joins.
SHARED_LIMIT: Final[dict[str, int]] = {
    "domain": 3,
    "host": 3,
    "url": 3,
    "certificate": 3,
    "user": 4,
    "hash": 8,
}
C2_LIMIT: Final = 8

Token = tuple[str, str]  # (kind, value); ours are ("ours", canonical host)


@dataclass(frozen=True, slots=True)
class CorrelationContext:
    """What the correlation is told by the roof.

    Attributes:
        is_internal: whether an address is ours by the address plan.
        criticality: 1–4 of the asset with this address; 1 when unknown.
        asset_name: name of the asset with this address; "" when not registered.
        unit_of: name of the unit that an address belongs to; "" when unknown.
        resolve: canonical host id of an address: the same for all addresses of one asset.
        is_shared: whether an address stands for many hosts (NAT, proxy, resolver): never joined by.
    """

    is_internal: Callable[[str], bool]
    criticality: Callable[[str], int] = field(default=lambda _address: 1)
    asset_name: Callable[[str], str] = field(default=lambda _address: "")
    unit_of: Callable[[str], str] = field(default=lambda _address: "")
    resolve: Callable[[str], str] = field(default=lambda address: address)
    is_shared: Callable[[str], bool] = field(default=lambda _address: False)


@dataclass(frozen=True, slots=True)
class Part:
    """What one alert takes part with.

    Attributes:
        acting: canonical ids of our hosts that act, sorted.
        hit: canonical ids of our hosts that are acted upon by another of ours, sorted.
        shared: things outside, or people, that may join alerts; with the number of our hosts
            beyond which they no longer do.
        criticality: the highest of our hosts in the alert.
        tactics: those that the alert names, else the usual ones of its techniques.
    """

    acting: tuple[str, ...]
    hit: tuple[str, ...]
    shared: tuple[tuple[Token, int], ...]
    criticality: int
    tactics: tuple[str, ...]


def is_ours(entity: Entity, context: CorrelationContext) -> bool:
    """Whether an entity is one of our hosts."""
    return entity.kind == "host" and (entity.internal or context.is_internal(entity.value))


def _is_mere_target(entity: Entity) -> bool:
    """An address outside that was only talked to: often a public resolver or a content network."""
    return entity.kind == "host" and entity.role in {"target", "peer"}


def part_of(alert: Alert, context: CorrelationContext) -> Part:
    """Resolve an alert's entities."""
    shared: dict[Token, int] = {}
    criticality = 1
    for entity in alert.entities:
        if is_ours(entity, context):
            criticality = max(criticality, context.criticality(entity.value))
        elif entity.kind in SHARED_LIMIT and not _is_mere_target(entity):
            limit = C2_LIMIT if entity.role == "c2" else SHARED_LIMIT[entity.kind]
            token = (entity.kind, entity.value.lower())
            shared[token] = max(limit, shared.get(token, 0))
    acting, hit = _ours(alert, context)
    return Part(
        tuple(sorted(acting)),
        tuple(sorted(hit)),
        tuple(sorted(shared.items())),
        criticality,
        _tactics(alert),
    )


def subject_of(alert: Alert, context: CorrelationContext) -> str:
    """Canonical ids of our hosts that act in an alert, as one word."""
    return " ".join(sorted(_ours(alert, context)[0]))


def _ours(alert: Alert, context: CorrelationContext) -> tuple[set[str], set[str]]:
    """Our hosts that act, and those that are hit."""
    by_role: dict[str, set[str]] = {}
    for entity in alert.entities:
        if is_ours(entity, context):
            by_role.setdefault(entity.role, set()).add(context.resolve(entity.value))
    for roles in _ACTING:
        acting = {host for role in roles for host in by_role.get(role, ())}
        if acting:
            return acting, {host for hosts in by_role.values() for host in hosts} - acting
    return set(), set()


def _tactics(alert: Alert) -> tuple[str, ...]:
    named = [tactic for tactic in alert.tactics if tactic in TACTICS]
    if not named:
        named = [tactic for tactic in map(tactic_of, alert.techniques) if tactic]
    return tuple(dict.fromkeys(named))
