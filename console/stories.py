"""Stories kept beside incidents, so that opening one costs the same whatever it holds.

The pipeline tells a story when it writes an incident; one of very many alerts is told again at most
every half minute while it grows. A reader tells what nobody told yet, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from correlation.entities import CorrelationContext
from correlation.story.picking import Web
from correlation.story.story import VERSION, tell
from fengsui.alert import Alert
from fengsui.clock import SECOND, Clock
from fengsui.incident import Incident, alert_count
from fengsui.store.state import State
from fengsui.store.story_states import KeptStory
from sensors.enrich.address_plan import AddressPlan

PAGE: Final = 2_000
MANY: Final = 2_000  # alerts beyond which a story is not told again at once
AGAIN: Final = 30 * SECOND
WEBS: Final = 4  # of some megabytes each


class StoryKeeper:
    """Keeps the stories of one state. `context` gives what is registered in a run."""

    def __init__(
        self, state: State, context: Callable[[str], CorrelationContext], clock: Clock
    ) -> None:
        self._state = state
        self._context = context
        self._clock = clock
        self._due: dict[str, Incident] = {}
        self._webs: dict[tuple[str, int], Web] = {}
        self._told: dict[str, int] = {}  # large ones only: when, ns

    def changed(self, incidents: Sequence[Incident]) -> None:
        """These were written and are to be told anew."""
        self._due |= {incident.id: incident for incident in incidents}

    def keep(self, *, every: bool = False) -> None:
        """Tell what is due; with `every` also what was told a moment ago."""
        now = self._clock.now()
        for incident in list(self._due.values()):
            if not every and now - self._told.get(incident.id, 0) < AGAIN:
                continue
            del self._due[incident.id]
            if alert_count(incident) > MANY:
                self._told[incident.id] = now
            self.tell(incident)
        self._told = {name: at for name, at in self._told.items() if now - at < AGAIN}

    def of(self, incident: Incident) -> KeptStory:
        """The story of an incident: as it was kept, unless there is none or the incident changed.

        Of one with very many alerts a story that is half a minute old is new enough.
        """
        kept = self._state.story(incident.id)
        if kept is None or kept.document.get("version") != VERSION:
            return self.tell(incident)
        recent = self._clock.now() - kept.at < AGAIN and alert_count(incident) > MANY
        return kept if recent or not kept.stale else self.tell(incident)

    def web(self, incident: Incident) -> Web:
        """What leads from the story back to its alerts; that of the last few is at hand."""
        kept = self.of(incident)
        name = (kept.incident, kept.at)
        web = self._webs.pop(name, None) or Web(self._state.story_web(kept.incident))
        self._webs[name] = web  # the last used stands last
        while len(self._webs) > WEBS:
            self._webs.pop(next(iter(self._webs)), None)
        return web

    def tell(self, incident: Incident) -> KeptStory:
        """Tell the story of an incident from all its alerts, and keep it."""
        context = self._context(incident.run)
        told = tell(self._alerts(incident.id), incident.first, incident.last, context)
        kept = KeptStory(
            incident.id,
            self._clock.now(),
            told.size,
            stale=False,
            document=told.document,
            web=told.web,
            graph=told.graph,
        )
        self._state.put_story(kept, told.marks, incident.last)
        return kept

    def _alerts(self, incident: str) -> Iterator[Alert]:
        ids = self._state.alert_ids(incident)
        for start in range(0, len(ids), PAGE):
            yield from self._state.alerts(ids[start : start + PAGE])


def context_of(plan: AddressPlan) -> CorrelationContext:
    """What a story is told of addresses: what is registered, whatever the time."""
    return CorrelationContext(
        is_internal=plan.is_internal,
        asset_name=plan.asset_name,
        unit_of=plan.unit_name,
        resolve=lambda address, _time=0: plan.host_id(address),
    )
