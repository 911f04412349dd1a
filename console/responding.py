"""Playbooks for the console: what they may know of an incident, and their runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fengsui.clock import Clock
from fengsui.errors import NotFoundError
from fengsui.incident import Incident
from fengsui.playbook import Playbook, Run, RunMode
from fengsui.query.lucene import parse_lucene
from fengsui.store.event_store import EventStore, TimeRange
from fengsui.store.state import State
from fengsui.text import Text
from playbooks.action import Action, Owner, Surroundings, action_names, load_actions
from playbooks.cacao import load_library
from playbooks.matching import match
from playbooks.never_block import load_never_block
from playbooks.runner import decide, start
from sensors.enrich.address_plan import AddressPlan


@dataclass(frozen=True, slots=True)
class Responder:
    """Starts and continues playbook runs over the installation's stores."""

    state: State
    events: EventStore
    clock: Clock
    library: tuple[Playbook, ...]

    def matching(self, incident: Incident) -> list[tuple[Playbook, Text]]:
        """Playbooks that fit an incident, best first, each with why."""
        return match(incident, self.library)

    def start(self, playbook: Playbook, incident: Incident, mode: RunMode, by: str) -> Run:
        """Begin a run; raises ForbiddenError for what is not offered yet."""
        return start(playbook, incident, mode, by, self.clock.now(), self._actions(incident))

    def decide(self, run: Run, step: str, approve: bool, by: str, reason: str) -> Run:
        """Answer the step that a run waits at.

        Raises:
            NotFoundError: the run's playbook or incident is gone.
        """
        playbook = next((one for one in self.library if one.id == run.playbook), None)
        case = self.state.case(run.incident)
        if playbook is None or case is None:
            raise NotFoundError(
                "The playbook or the incident of this run is gone",
                where=run.id,
                next="Start a new run",
            )
        actions = self._actions(case.incident)
        return decide(run, playbook, step, approve, by, reason, self.clock.now(), actions)

    def _actions(self, incident: Incident) -> Mapping[str, Action]:
        plan = AddressPlan(self.state.plan())
        own = [network.cidr for network in plan.plan.networks if "/" in network.cidr]

        def owner(address: str) -> Owner:
            place = plan.at(address)
            unit = next((one for one in plan.plan.units if one.id == place.unit), None)
            person = (place.asset.responsible if place.asset else "") or (
                unit.responsible if unit else ""
            )
            return Owner(unit.name if unit else place.unit, person)

        def count(query: str, since: int, until: int) -> int:
            return self.events.count(parse_lucene(query), TimeRange(since, until))

        return load_actions(
            Surroundings(
                incident=incident,
                never_block=load_never_block(own),
                alerts=self.state.alerts,
                owner=owner,
                count=count,
            )
        )


def make_responder(state: State, events: EventStore, clock: Clock) -> Responder:
    """A responder with our own library; raises RuleError for a playbook that does not load."""
    return Responder(state, events, clock, tuple(load_library(action_names())))
