"""Look again whether the traffic to the C2 has stopped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fengsui.clock import MINUTE
from fengsui.errors import InputError
from fengsui.text import Text
from playbooks.action import Effect, RehearsedOnly, Surroundings, Values

NAME: Final = "recheck"
_SAFE: Final = re.compile(r"[A-Za-z0-9._:-]{1,253}")  # what needs no escape inside quotes


class Recheck(RehearsedOnly):
    """Asks the store; live, it would ask again after the wait and fail where something is left."""

    name = NAME
    blocks = False

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    def rehearse(self, arguments: Mapping[str, Any], now: int) -> Effect:
        """The question, and its answer for the same span of time before now."""
        wait = arguments.get("minutes", 30)
        if not isinstance(wait, int) or isinstance(wait, bool) or not 1 <= wait <= 1440:
            raise InputError(
                f"minutes is {wait!r}", where="arguments", next="Give a whole number from 1 to 1440"
            )
        query = c2_query(
            [e.value for e in self._around.entities("c2", internal=False)],
            [e.value for e in self._around.entities("c2", internal=False, kinds=("domain",))],
        )
        if not query:
            return Effect(Text("playbooks.recheck.nothing", {}), skipped=True)
        before = self._around.count(query, now - wait * MINUTE, now)
        values: Values = {"query": query, "minutes": wait, "before": before}
        return Effect(Text("playbooks.recheck.effect", values))


def c2_query(addresses: list[str], domains: list[str]) -> str:
    """Lucene text for traffic to addresses and names; "" when there is none to ask for."""
    parts = [f'destination.ip:"{value}"' for value in addresses if _SAFE.fullmatch(value)]
    for domain in filter(_SAFE.fullmatch, domains):
        for field in ("dns.question.name", "tls.client.server_name", "url.domain"):
            parts += [f'{field}:"{domain}"', f"{field}:*.{domain}"]
    return " OR ".join(parts)


def make(surroundings: Surroundings) -> Recheck:
    """The action for one incident."""
    return Recheck(surroundings)
