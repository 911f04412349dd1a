"""Tell the first responsible person of the unit whose host it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fengsui.text import Text
from playbooks.action import Effect, RefusedError, RehearsedOnly, Surroundings, Values

NAME: Final = "notify"


class Notify(RehearsedOnly):
    """A message in the outbox; what carries it (mail, short message) reads it from there."""

    name = NAME
    blocks = False

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    def rehearse(self, arguments: Mapping[str, Any], now: int) -> Effect:
        """The message with its recipient, as it would be put into the outbox."""
        hosts = self._around.our_hosts()
        if not hosts:
            raise RefusedError(Text("playbooks.refused.no_host", {}), code="no_host")
        owner = self._around.owner(hosts[0])
        if not owner.person:
            return Effect(Text("playbooks.notify.no_owner", {"host": hosts[0]}), skipped=True)
        incident = self._around.incident
        values: Values = {
            "person": owner.person,
            "unit": owner.unit or "-",
            "title": incident.title.render("zh"),
            "title_en": incident.title.render("en"),
            "incident": incident.id[:8],
            "score": incident.score,
        }
        return Effect(Text("playbooks.notify.effect", values), Text("playbooks.notify.undo", {}))


def make(surroundings: Surroundings) -> Notify:
    """The action for one incident."""
    return Notify(surroundings)
