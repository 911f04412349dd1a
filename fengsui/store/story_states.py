"""Stories in the state: what an incident is told by, and its alerts page by page.

A story is made from the alerts and may be thrown away at any time. Writing an incident makes its
story stale; whoever keeps stories (`console.stories`) makes it anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from fengsui.alert import Alert

Mark = tuple[str, str]  # (rule | technique | role | entity, value): by what incidents are alike
Cursor = tuple[int, str]  # time of the first event (ns) and id of the last alert that was given


@dataclass(frozen=True, slots=True)
class KeptStory:
    """A story as it was made.

    Attributes:
        at: when, ns.
        size: alerts that it tells of.
        stale: the incident changed since.
        document, web, graph: as their maker wrote them; {} where none was made yet. `web` and `graph`
            are not read with the story (see `story_web`, `story_graph`).
    """

    incident: str
    at: int
    size: int
    stale: bool
    document: Mapping[str, Any]
    web: Mapping[str, Any] = field(default_factory=dict[str, Any])
    graph: Mapping[str, Any] = field(default_factory=dict[str, Any])


class StoryStates(Protocol):
    """What the incident page reads: every call reads a bounded number of rows, but `alert_ids`."""

    def put_story(self, story: KeptStory, marks: Collection[Mark], last: int) -> None:
        """Keep a story and its marks; `last`: end of the incident, ns."""
        ...

    def story(self, incident: str) -> KeptStory | None:
        """The story of an incident; None where none was asked for yet."""
        ...

    def story_web(self, incident: str) -> Mapping[str, Any]:
        """What leads from a story back to its alerts; {} where none was made yet."""
        ...

    def story_graph(self, incident: str) -> str:
        """The graph of a story, as the text of a JSON object; "" where none was made yet."""
        ...

    def alerts_in(
        self,
        incident: str,
        *,
        rules: Sequence[str] = (),
        naming: Sequence[tuple[str, str]] = (),
        since: int = 0,
        until: int = 2**63 - 1,
        after: Cursor | None = None,
        limit: int = 500,
    ) -> list[Alert]:
        """Alerts of an incident, oldest first; reads `limit` of them at most (of each of `rules`).

        Args:
            incident: its id.
            rules: of these rules only; none given is any.
            naming: that name one of these entities (kind, value); none given is any.
            since: start of the first event, ns.
            until: end of that, not included.
            after: where the page before ended.
            limit: at most so many.
        """
        ...

    def alert_ids(self, incident: str) -> list[str]:
        """Ids of all alerts of an incident, oldest first."""
        ...

    def alike(self, incident: str, limit: int = 50) -> tuple[set[Mark], dict[str, set[Mark]]]:
        """The marks of an incident, and those of the others that share most of them."""
        ...
