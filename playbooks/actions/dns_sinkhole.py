"""Answer the C2's domain with NXDOMAIN on our resolvers: a response policy zone (BIND RPZ format).

Also read by Unbound, Knot Resolver and PowerDNS Recursor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fengsui.clock import HOUR
from fengsui.text import Text
from playbooks.action import (
    Effect,
    RefusedError,
    RehearsedOnly,
    Surroundings,
    check_never_block,
    hours,
)

NAME: Final = "dns_sinkhole"
ZONE: Final = "rpz.fengsui"
MOST: Final = 20  # domains of one step
# Host name of letters, digits, hyphen and underscore: nothing else may reach a zone file.
_NAME: Final = re.compile(r"(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")


class DnsSinkhole(RehearsedOnly):
    """Takes the incident's C2 domains; without one there is nothing to do."""

    name = NAME
    blocks = True

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    def rehearse(self, arguments: Mapping[str, Any], now: int) -> Effect:
        """The lines that would be added to the zone, and how they are taken out."""
        found = self._around.entities("c2", internal=False, kinds=("domain",))
        domains = sorted({entity.value.lower().rstrip(".") for entity in found})[:MOST]
        if not domains:
            return Effect(Text("playbooks.dns_sinkhole.nothing", {}), skipped=True)
        for domain in domains:
            if not _NAME.fullmatch(domain):
                text = Text("playbooks.refused.not_a_name", {"value": domain[:80]})
                raise RefusedError(text, code="not_a_name")
            check_never_block(self._around.never_block, domain)
        last = hours(arguments, 24)
        return Effect(
            Text(
                "playbooks.dns_sinkhole.effect",
                {"count": len(domains), "hours": last, "zone": zone_text(domains)},
            ),
            Text("playbooks.dns_sinkhole.undo", {"commands": undo_text(domains)}),
            now + last * HOUR,
        )


def zone_text(domains: list[str]) -> str:
    """Records for the policy zone: the name and all below it do not exist."""
    lines = [f"$ORIGIN {ZONE}."]
    for domain in domains:
        lines += [f"{domain} 60 IN CNAME .", f"*.{domain} 60 IN CNAME ."]
    return "\n".join(lines)


def undo_text(domains: list[str]) -> str:
    """Input of nsupdate that takes the records out again."""
    lines = [f"zone {ZONE}."]
    for domain in domains:
        lines += [
            f"update delete {domain}.{ZONE}. CNAME",
            f"update delete *.{domain}.{ZONE}. CNAME",
        ]
    return "\n".join([*lines, "send"])


def make(surroundings: Surroundings) -> DnsSinkhole:
    """The action for one incident."""
    return DnsSinkhole(surroundings)
