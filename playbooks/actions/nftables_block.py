"""Drop what goes to the C2's addresses at the egress, for a limited time (nftables ≥ 0.9.3).

The addresses stand in sets with a time-out, so that a block ends by itself even when nobody
remembers it.
"""

from __future__ import annotations

import ipaddress
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

NAME: Final = "nftables_block"
MOST: Final = 50  # addresses of one step

_BASE: Final = """\
add table inet fengsui
add set inet fengsui blocked4 { type ipv4_addr; flags timeout; }
add set inet fengsui blocked6 { type ipv6_addr; flags timeout; }
add chain inet fengsui egress { type filter hook forward priority -10; policy accept; }
flush chain inet fengsui egress
add rule inet fengsui egress ip daddr @blocked4 counter log prefix "fengsui-block " drop
add rule inet fengsui egress ip6 daddr @blocked6 counter log prefix "fengsui-block " drop
"""


class NftablesBlock(RehearsedOnly):
    """Takes the incident's C2 addresses; without one there is nothing to do."""

    name = NAME
    blocks = True

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    def rehearse(self, arguments: Mapping[str, Any], now: int) -> Effect:
        """The rules that would be applied by `nft -f -`, and the commands that undo them."""
        found = self._around.entities("c2", internal=False)[:MOST]
        if not found:
            return Effect(Text("playbooks.nftables_block.nothing", {}), skipped=True)
        addresses: list[str] = []
        for entity in found:
            try:
                addresses.append(str(ipaddress.ip_address(entity.value)))
            except ValueError as error:
                text = Text("playbooks.refused.not_an_address", {"value": entity.value[:80]})
                raise RefusedError(text, code="not_an_address") from error
            check_never_block(self._around.never_block, entity.value)
        last = hours(arguments, 24)
        rules = rules_text(addresses, last, self._around.incident.id)
        return Effect(
            Text(
                "playbooks.nftables_block.effect",
                {"count": len(addresses), "hours": last, "rules": rules},
            ),
            Text("playbooks.nftables_block.undo", {"commands": undo_text(addresses)}),
            now + last * HOUR,
        )


def rules_text(addresses: list[str], last: int, incident: str) -> str:
    """Input of `nft -f -`: may be applied again and again. `last` in hours."""
    lines = [
        f"add element inet fengsui {_set(address)} "
        f'{{ {address} timeout {last}h comment "fengsui {incident[:8]}" }}'
        for address in addresses
    ]
    return _BASE + "\n".join(lines)


def undo_text(addresses: list[str]) -> str:
    """Commands that end the block before its time."""
    return "\n".join(
        f"nft delete element inet fengsui {_set(address)} '{{ {address} }}'"
        for address in addresses
    )


def _set(address: str) -> str:
    return "blocked6" if ":" in address else "blocked4"


def make(surroundings: Surroundings) -> NftablesBlock:
    """The action for one incident."""
    return NftablesBlock(surroundings)
