"""Entity resolution: which of our hosts an alert is about, in which part, and what it can be joined by.

Both stacks of one asset are one host. A host *acts* in an alert when it is its source or attacker,
or the nearest to that among ours; it is *hit* when another of our hosts acts on it. The difference keeps
a server that many hosts touch from gluing their incidents together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

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
    "address": 3,
    "url": 3,
    "file": 8,
    "service": 3,
    "certificate": 3,
    "user": 4,
    "hash": 8,
}
C2_LIMIT: Final = 8

Token = tuple[str, str]  # (kind, value); ours are ("ours", canonical host)


Basis = Literal["register", "hardware", "lease", ""]


class Resolve(Protocol):
    """Canonical host id of an address at a time (ns; 0: by what is registered alone)."""

    def __call__(self, address: str, time: int = 0, /) -> str:
        """The id, or the address itself."""
        ...


def _itself(address: str, _time: int = 0, /) -> str:
    return address


@dataclass(frozen=True, slots=True)
class CorrelationContext:
    """What the correlation is told by the roof.

    Attributes:
        is_internal: whether an address is ours by the address plan.
        criticality: 1–4 of the asset with this address; 1 when unknown.
        asset_name: name of the asset with this address; "" when not registered.
        unit_of: name of the unit that an address belongs to; "" when unknown.
        resolve: canonical host id of an address at a time (ns): the same for all addresses of one asset,
            and for those that one machine was leased then.
        basis: by what an address is known to be of its machine at a time: `register`, `hardware`,
            `lease`, or "" where it stands for itself.
        names: domains that an address outside was given by DNS about then; none for content networks.
        logons: addresses of ours on which a user had logged on about then.
        trusted: fidelity of a rule by what it states of itself and what people said of its alerts.
        is_shared: whether an address stands for many hosts (NAT, proxy, resolver): never joined by.
    """

    is_internal: Callable[[str], bool]
    criticality: Callable[[str], int] = field(default=lambda _address: 1)
    asset_name: Callable[[str], str] = field(default=lambda _address: "")
    unit_of: Callable[[str], str] = field(default=lambda _address: "")
    resolve: Resolve = field(default=_itself)
    basis: Callable[[str, int], Basis] = field(default=lambda _address, _time: "")
    names: Callable[[str, int], Sequence[str]] = field(default=lambda _address, _time: ())
    logons: Callable[[str, int], Sequence[str]] = field(default=lambda _user, _time: ())
    trusted: Callable[[str, float], float] = field(default=lambda _rule, stated: stated)
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
    return entity.kind in {"host", "address"} and (
        entity.internal or context.is_internal(entity.value)
    )


def _is_mere_target(entity: Entity) -> bool:
    """An address outside that was only talked to: often a public resolver or a content network."""
    return entity.kind in {"host", "address"} and entity.role in {"target", "peer"}


def part_of(alert: Alert, context: CorrelationContext) -> Part:
    """Resolve an alert's entities."""
    shared: dict[Token, int] = {}
    criticality = 1
    for entity in alert.entities:
        if is_ours(entity, context):
            criticality = max(criticality, context.criticality(entity.value))
        elif entity.kind in SHARED_LIMIT and not _is_mere_target(entity):
            limit = C2_LIMIT if entity.role == "c2" else SHARED_LIMIT[entity.kind]
            tokens = [(entity.kind, entity.value.lower())]
            if entity.kind in {"host", "address"}:
                tokens += [("domain", name) for name in context.names(entity.value, alert.first)]
            for token in tokens:
                shared[token] = max(limit, shared.get(token, 0))
    acting, hit = _ours(alert, context)
    return Part(
        tuple(sorted(acting)),
        tuple(sorted(hit)),
        tuple(sorted(shared.items())),
        criticality,
        tactics_of(alert),
    )


def subject_of(alert: Alert, context: CorrelationContext) -> str:
    """Canonical ids of our hosts that act in an alert, as one word."""
    return " ".join(sorted(_ours(alert, context)[0]))


def _ours(alert: Alert, context: CorrelationContext) -> tuple[set[str], set[str]]:
    """Our hosts that act, and those that are hit."""
    by_role: dict[str, set[str]] = {}
    for entity in alert.entities:
        if is_ours(entity, context):
            host = context.resolve(entity.value, alert.first)
            by_role.setdefault(entity.role, set()).add(host)
    for roles in _ACTING:
        acting = {host for role in roles for host in by_role.get(role, ())}
        if acting:
            return acting, {host for hosts in by_role.values() for host in hosts} - acting
    return _logged_on(alert, context), set()


def _logged_on(alert: Alert, context: CorrelationContext) -> set[str]:
    """For an alert that names people only: the host where the one person it names was logged on."""
    users = {entity.value for entity in alert.entities if entity.kind == "user"}
    if len(users) != 1:
        return set()
    found = {
        context.resolve(address, alert.first)
        for address in context.logons(next(iter(users)), alert.first)
    }
    return found if len(found) == 1 else set()


def tactics_of(alert: Alert) -> tuple[str, ...]:
    """ATT&CK tactics that an alert names, else the usual ones of its techniques."""
    named = [tactic for tactic in alert.tactics if tactic in TACTICS]
    if not named:
        named = [tactic for tactic in map(tactic_of, alert.techniques) if tactic]
    return tuple(dict.fromkeys(named))
