"""Entities: who an event is about, in roles that its direction and the rule's tactics tell."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

from fengsui.alert import Entity, EntityRole
from fengsui.event import Event

IsInternal = Callable[[str], bool]

DOMAIN_FIELDS = (  # in the order in which `domain_of` asks them
    "dns.question.registered_domain",
    "dns.question.name",
    "url.registered_domain",
    "tls.client.server_name",
    "url.domain",
    "destination.domain",
)

_OUTWARD = frozenset({"command-and-control", "exfiltration"})  # the far end is the adversary's


def direction_of(event: Event, is_internal: IsInternal) -> str:
    """`outbound`, `inbound`, `internal` or `external`; empty where an address is missing."""
    source, destination = event.text("source.ip"), event.text("destination.ip")
    if not source or not destination:
        return ""
    ours = is_internal(source), is_internal(destination)
    return {
        (True, False): "outbound",
        (False, True): "inbound",
        (True, True): "internal",
        (False, False): "external",
    }[ours]


def entities_of(
    event: Event, tactics: Sequence[str], is_internal: IsInternal
) -> tuple[Entity, ...]:
    """Both addresses, then the name that the client asked for, then the user."""
    outward = bool(_OUTWARD.intersection(tactics))
    far: EntityRole = "c2" if outward else "peer"
    # The far end of a DNS question is a resolver; the name asked for is what matters.
    host: EntityRole = "peer" if event.dataset == "dns" else far
    source_role, destination_role = _roles(direction_of(event, is_internal), host)
    found: list[Entity] = []
    if source := event.text("source.ip"):
        found.append(Entity("host", source, source_role, is_internal(source)))
    if destination := event.text("destination.ip"):
        found.append(Entity("host", destination, destination_role, is_internal(destination)))
    domain = domain_of(event)
    if domain:
        found.append(Entity("domain", domain, far))
    user = event.text("user.name")
    if user:
        found.append(Entity("user", user, "target"))
    return tuple(found)


def _roles(direction: str, far: EntityRole) -> tuple[EntityRole, EntityRole]:
    match direction:
        case "outbound":
            return "source", far
        case "inbound":
            return "attacker", "victim"
        case "internal":
            return "source", "target"
        case _:
            return "source", far


def domain_of(event: Event) -> str:
    """Registered domain of a DNS question, else the SNI or Host; empty for a bare address."""
    for name in DOMAIN_FIELDS:
        domain = event.text(name).lower().rstrip(".")
        if domain:
            return "" if _is_address(domain) else domain[:253]
    return ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True
