"""The situation: gauges with what they sum, units, forecasts, attacks, warnings."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from console.api.schemas.words import Count, Given, SeverityWord, Text, Time

GaugeWord = Literal["threat", "exposure", "visibility", "response"]
LevelWord = Literal["steady", "watch", "strained", "critical"]
ScopeKind = Literal["whole", "unit", "zone", "plane", "system"]
ColourWord = Literal["red", "orange", "yellow", "blue"]


class GaugeItem(BaseModel):
    """One summand of a part: `points` of at most `most`."""

    kind: str
    id: str
    title: Text
    points: float
    most: float
    at: Time | None
    detail: Text | None
    severity: SeverityWord | None


class GaugeLink(BaseModel):
    """The page of the console that lists a part, and its filter as words of the address."""

    page: str
    words: dict[str, str]


class GaugePart(BaseModel):
    """One named summand of a gauge; `points` is the sum of its items' points."""

    name: str
    points: float
    most: float
    why: Text
    items: list[GaugeItem]
    link: GaugeLink | None


class GaugeBrief(BaseModel):
    """A gauge without its parts.

    `value` is None where nothing may be said of the whole; `seen` is then what was seen: of a risk a
    lower bound. `level` is None where the value is.
    """

    gauge: GaugeWord
    value: float | None
    seen: float
    level: LevelWord | None
    level_since: Time | None
    level_held: bool = Field(
        description="the value alone would be a better level: it follows a day later"
    )
    week_ago: float | None
    unknown: Text | None


class Gauge(GaugeBrief):
    """A gauge: `seen` is the sum of the points of `parts`."""

    parts: list[GaugePart]


class ScopeRow(BaseModel):
    """A unit, zone, plane or system with its gauges; a unit without id is what belongs to none."""

    kind: ScopeKind
    id: str
    name: str
    gauges: list[GaugeBrief]


class SituationCounts(BaseModel):
    """What the wall shows in large: open incidents, assets, sources, alerts of a week."""

    incidents: dict[str, int] = Field(description="open ones by severity")
    untaken: int
    assets: int
    assets_seen: int
    critical_assets: int
    critical_assets_seen: int
    unregistered: int
    sources: int
    sources_silent: int
    alerts: int = Field(description="of the last seven days of the period")
    asset_kinds: list[Count]
    asset_kinds_seen: list[Count]


class RunName(BaseModel):
    """A run whose situation can be asked for."""

    id: str
    kind: str
    name: str
    started: Time


class Situation(BaseModel):
    """The situation of live telemetry (`run` empty) or of a run on its own clock (`at`).

    `newest` is the newest event of the window that begins at `since`; `stale_seconds` its age, None
    where there is none. `cut`: there are more incidents or alerts than are looked at.
    """

    run: str
    run_kind: Literal["live", "replay", "drill"]
    run_name: str
    at: Time
    wall: Time
    since: Time
    newest: Time | None
    stale_seconds: float | None
    cut: bool
    scope: ScopeRow
    gauges: list[Gauge]
    scopes: list[ScopeRow]
    counts: SituationCounts
    runs: list[RunName]


class FairRate(BaseModel):
    """Alerts a week for each asset, user or GB: as counted, and shrunk towards the mean of all units."""

    size: float
    raw: float | None
    shrunk: float
    mean: float


class UnitRow(BaseModel):
    """A unit beside the others."""

    id: str
    name: str
    responsible: str
    gauges: list[GaugeBrief]
    assets: int
    users: int
    bytes: int
    incidents: int
    worst: SeverityWord | None
    alerts: int
    before: int
    trend: Literal["more", "less", "same", "few"]
    by_asset: FairRate
    by_user: FairRate
    by_gb: FairRate


class UnitRows(BaseModel):
    """All units; the highest shrunk rate by asset first."""

    run: str
    at: Time
    prior: float
    items: list[UnitRow]


class HourAhead(BaseModel):
    """An hour to come."""

    start: Time
    expected: float
    low: float
    high: float


class Amount(BaseModel):
    """What was counted in an hour or day."""

    start: Time
    amount: float


class PastError(BaseModel):
    """How such forecasts did in the last days: `inside` is the share of hours within the band."""

    hours: int
    error: float
    naive_error: float
    inside: float


class Outlook(BaseModel):
    """A forecast of alerts an hour or of Mbit/s; without hours there is not enough history."""

    name: str
    unit: Literal["alerts", "mbit"]
    history: list[Amount]
    days: list[Amount]
    hours: list[HourAhead]
    past: PastError | None
    season_hours: int
    yesterday: bool
    have_days: float
    need_days: float
    capacity: float | None
    full_at: float
    tight: Time | None


class Outlooks(BaseModel):
    """Alert load first, then links."""

    run: str
    at: Time
    items: list[Outlook]


class AttackPlace(BaseModel):
    """An end of attacks: `outside`, a `zone` of a unit, or ours but `unplaced`."""

    kind: Literal["outside", "zone", "unplaced"]
    unit: str
    zone: str


class AttackFlow(BaseModel):
    """Alerts from one place towards another."""

    source: AttackPlace
    target: AttackPlace
    alerts: int
    severity: SeverityWord


class AttackRule(BaseModel):
    """A rule that spoke, by its title."""

    rule: str
    title: Text
    alerts: int


class Attacks(BaseModel):
    """Where the alerts of a time come from and go to. `without_ends`: those that do not tell."""

    run: str
    since: Time
    until: Time
    alerts: int
    without_ends: int
    cut: bool
    flows: list[AttackFlow]
    rules: list[AttackRule]
    tactics: list[Count]
    severities: list[Count]


class WarningActDone(BaseModel):
    """What became of a warning."""

    deed: str
    by: str
    at: Time
    reason: str
    colour: ColourWord


class Warning(BaseModel):  # noqa: A001 - the field's word
    """A four-colour warning 预警. `due` is when a proposal that nobody answered is escalated."""

    id: str
    incident: str
    run: str
    title: Text
    colour: ColourWord
    proposed_colour: ColourWord
    reasons: list[Text]
    units: list[str]
    status: Literal["proposed", "confirmed", "dismissed", "lifted", "overtaken"]
    proposed: Time
    due: Time
    escalated: Time | None
    version: int
    history: list[WarningActDone]


class Warnings(BaseModel):
    """The unanswered first, then those in force."""

    items: list[Warning]


class WarningDeedRequest(Given):
    """A decision on a warning as it was seen; a reason is needed."""

    deed: Literal["confirm", "dismiss", "lift"]
    version: int = Field(ge=1)
    reason: str = Field(min_length=1, max_length=2000)
    colour: ColourWord | None = None


class GaugeDay(BaseModel):
    """A gauge on one day (UTC): its last value, range, last level and how often that changed."""

    day: str
    gauge: GaugeWord
    value: float | None
    low: float | None
    high: float | None
    level: LevelWord | None
    changes: int


class GaugeDays(BaseModel):
    """Days of one scope, oldest first."""

    items: list[GaugeDay]
