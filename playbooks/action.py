"""Action: the adapter that carries out one step of a playbook; `playbooks.actions` is its shelf.

Each module of the shelf has `make(surroundings) -> Action`, for one incident. `rehearse` produces
exactly what would be applied, makes every check that the real thing makes, and touches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import playbooks.actions
from fengsui.alert import Alert, Entity
from fengsui.errors import ForbiddenError, InputError
from fengsui.incident import Incident
from fengsui.registry import parts
from fengsui.text import Text
from playbooks.never_block import NeverBlock

Values = dict[str, str | int | float]  # of a Text


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a host is: unit and first responsible person; empty where not registered."""

    unit: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What actions are handed by the roof, for one incident.

    Attributes:
        alerts: alerts by id.
        owner: whose an address is.
        count: events that match a Lucene query between two times (ns).
    """

    incident: Incident
    never_block: NeverBlock
    alerts: Callable[[Sequence[str]], list[Alert]]
    owner: Callable[[str], Owner]
    count: Callable[[str, int, int], int]

    def entities(
        self, role: str, *, internal: bool, kinds: Sequence[str] = ("host",)
    ) -> list[Entity]:
        """Entities of the incident in one role, in its order."""
        return [
            e
            for e in self.incident.entities
            if e.role == role and e.internal is internal and e.kind in kinds
        ]

    def our_hosts(self) -> list[str]:
        """Addresses of our hosts that act in the incident."""
        acting = [e for role in ("attacker", "source") for e in self.entities(role, internal=True)]
        return [e.value for e in acting] or [
            e.value for e in self.entities("victim", internal=True)
        ]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step did or would do; `skipped` when there was nothing for it to do.

    `expires` in ns; 0 where the effect does not end by itself.
    """

    effect: Text
    undo: Text = field(default_factory=lambda: Text("playbooks.undo.nothing", {}))
    expires: int = 0
    skipped: bool = False


class RefusedError(ForbiddenError):
    """An action that must not be done; `text` tells people why, in their language."""

    default_code = "refused"

    def __init__(self, text: Text, *, code: str = "") -> None:
        super().__init__(text.render("en"), where="playbook action", next="See the step", code=code)
        self.text = text


def check_never_block(never_block: NeverBlock, value: str) -> None:
    """Refuse an address or domain that is on the never-block list.

    Raises:
        RefusedError: with code `never_block` and the reason.
    """
    why = never_block.reason(value)
    if why is not None:
        reasons = {"why": why.render("zh"), "why_en": why.render("en")}
        text = Text("playbooks.refused.never_block", {"value": value, **reasons})
        raise RefusedError(text, code="never_block")


class Action(Protocol):
    """One thing that can be done about an incident."""

    name: str
    blocks: bool  # takes something away from somebody: a second person must agree

    def rehearse(self, arguments: Mapping[str, Any], now: int) -> Effect:
        """What `run` would do at `now` (ns), with every check, without doing it.

        Raises:
            FengsuiError: it would be refused or fail; the run records why.
        """
        ...

    def run(self, arguments: Mapping[str, Any], now: int) -> Effect:
        """Do it.

        Raises:
            ForbiddenError: live runs are not offered yet.
        """
        ...

    def undo(self, arguments: Mapping[str, Any], now: int) -> Effect:
        """Take back what `run` did.

        Raises:
            ForbiddenError: live runs are not offered yet.
        """
        ...


class RehearsedOnly:
    """Base of the actions as long as nothing is done for real: refuses to run and to undo."""

    def run(self, arguments: Mapping[str, Any], now: int) -> Effect:
        """Refuse."""
        raise live_not_offered()

    def undo(self, arguments: Mapping[str, Any], now: int) -> Effect:
        """Refuse: there is nothing to take back."""
        raise live_not_offered()


def live_not_offered() -> ForbiddenError:
    """The refusal of everything that would touch a device."""
    return ForbiddenError(
        "Live runs are not offered yet",
        where="playbook run, mode live",
        next="Run it as a rehearsal and apply the text it shows by hand",
        code="live_not_offered",
    )


def load_actions(surroundings: Surroundings) -> dict[str, Action]:
    """All actions of the shelf by name, for one incident.

    Raises:
        RuleError: a module of the shelf does not load.
    """
    made: list[Action] = [module.make(surroundings) for module in parts(playbooks.actions)]
    return {action.name: action for action in made}


def action_names() -> frozenset[str]:
    """Names of the shelf: what a playbook may ask for."""
    return frozenset(module.NAME for module in parts(playbooks.actions))


def hours(arguments: Mapping[str, Any], default: int, most: int = 168) -> int:
    """The argument `hours`, how long an effect lasts.

    Raises:
        InputError: no whole number of hours from 1 to `most`.
    """
    value = arguments.get("hours", default)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise InputError(
            f"hours is {value!r}", where="arguments", next=f"Give a whole number from 1 to {most}"
        )
    return value
