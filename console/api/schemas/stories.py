"""The story of an incident and its graph: bounded, however many alerts it has."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from console.api.schemas.alerts import Alert
from console.api.schemas.words import (
    TIME,
    Count,
    Given,
    SeverityWord,
    StatusWord,
    Text,
    Time,
    VerdictWord,
)

RoleWord = Literal[
    "attacker", "pivot", "controlled", "source", "target", "server", "c2", "outside", "thing", "act"
]


class Named(BaseModel):
    """A thing with its part. `value` leads to its page, `shown` is the text for people."""

    kind: str
    value: str
    shown: str
    role: RoleWord
    internal: bool
    unit: str


class Sentence(BaseModel):
    """A sentence with how many alerts it sums; `id` picks them."""

    id: str
    text: Text
    behaviour: str
    alerts: int
    first: Time
    last: Time
    severity: SeverityWord


class StoryKind(BaseModel):
    """A rule that spoke. `alert` is one of its alerts, of the worst."""

    rule: str
    title: Text
    detection: str
    severity: SeverityWord
    fidelity: float
    alerts: int
    repeats: int
    first: Time
    last: Time
    tactics: list[str]
    techniques: list[str]
    alert: str


class TimelineEntry(BaseModel):
    """Alerts of one rule about one actor that follow one another; `id` picks them.

    `title` is null where an entry holds several rules, `actor` where none is named.
    """

    id: str
    rule: str
    title: Text | None
    actor: Named | None
    actors: int
    objects: int
    alerts: int
    repeats: int
    first: Time
    last: Time
    severity: SeverityWord
    why: Text
    tactics: list[str]


class TimelineGap(BaseModel):
    """A time without any alert."""

    since: Time
    until: Time


class TimelineBar(BaseModel):
    """Alerts that began in one slot, from info to critical."""

    slot: int
    alerts: list[int]


class Timeline(BaseModel):
    """At most 200 entries; slots are `width` seconds each from `start`."""

    start: Time
    width: float
    count: int
    entries: list[TimelineEntry]
    gaps: list[TimelineGap]
    bars: list[TimelineBar]


class DoneItem(BaseModel):
    """What people or playbooks did, for the same line of time."""

    at: Time
    kind: Literal["act", "playbook"]
    title: Text
    by: str
    detail: Text | None = None


class AlikeCase(BaseModel):
    """An incident that is like this one, by what, and what was decided then."""

    id: str
    title: Text
    severity: SeverityWord
    status: StatusWord
    verdict: VerdictWord | None
    verdict_reason: str
    owner: str
    first: Time
    likeness: float
    rules: list[Text]
    techniques: list[str]
    entities: list[str]
    roles: list[RoleWord]


class Story(BaseModel):
    """What an incident tells. `told` of its `alerts` are in it; it was made at `at`.

    `tactics` counts alerts; one alert may serve several. `done` are the newest 300 acts and steps.
    """

    at: Time
    alerts: int
    told: int
    repeats: int
    ours: int
    others: int
    first: Time
    last: Time
    tactics: list[Count]
    kinds: list[StoryKind]
    more_kinds: int
    sentences: list[Sentence]
    timeline: Timeline
    done: list[DoneItem]
    alike: list[AlikeCase]


class AlertQuery(Given):
    """Which alerts of an incident."""

    pick: str = Field(
        default="", max_length=40, description="a sentence, an entry of the line, a node or edge"
    )
    opened: str = Field(default="", max_length=2000, description="groups open in the graph")
    tactic: str = Field(default="", max_length=40)
    rule: str = Field(default="", max_length=512)
    since: str = Field(default="", max_length=40, description=TIME)
    until: str = Field(default="", max_length=40, description=f"{TIME}; not included")
    after: str = Field(default="", max_length=120, description="as the page before gave it")
    limit: int = Field(default=100, ge=1, le=500)


class Join(BaseModel):
    """Why an alert stands in its incident: beside which one, by what. `leaves`: alerts that go with it."""

    alert: str
    why: Text
    to: str
    to_title: Text | None
    to_first: Time | None
    leaves: int


class StoryAlerts(BaseModel):
    """A page of an incident's alerts, oldest first.

    `after` leads to the next page ("" at the end); `read` alerts were looked at for it. The joins of
    the first alerts of an incident are kept; its oldest alert has none.
    """

    items: list[Alert]
    joins: list[Join]
    after: str
    read: int


class GraphNode(BaseModel):
    """One thing, or `many` that are alike, of which the first are named. `group` opens them."""

    id: str
    kind: str
    role: RoleWord
    internal: bool
    label: str
    names: list[str]
    unit: str
    many: int
    severity: SeverityWord
    alerts: int
    column: int
    row: int
    group: str


class GraphEdge(BaseModel):
    """What one node did upon another. `lines` are the activities that it sums."""

    id: str
    source: str
    target: str
    lines: list[int]
    alerts: int
    severity: SeverityWord
    first: Time
    last: Time


class GraphLine(BaseModel):
    """An activity: alerts of one rule in each slot, as pairs of slot and count."""

    rule: int
    severity: SeverityWord
    tactics: list[str]
    slots: list[list[int]]


class GraphRule(BaseModel):
    """A rule that activities name by its place; `title` is null for several rules."""

    rule: str
    title: Text | None


class Graph(BaseModel):
    """Entities and acts. Activities (`lines`) sum to `told`; `alone` lead to no other node."""

    at: Time
    alerts: int
    told: int
    start: Time
    width: float
    count: int
    things: int
    nodes: list[GraphNode]
    edges: list[GraphEdge]
    lines: list[GraphLine]
    alone: list[int]
    rules: list[GraphRule]
