"""The story of an incident, and its alerts page by page. Each call reads a bounded number of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from console.api.access import Reader
from console.api.parts import ApiParts, Parts
from console.api.routes.incidents import find_case
from console.api.schemas.stories import AlertQuery, AlikeCase, Join, Story, StoryAlerts
from console.api.shown import alert_shown, text_shown
from console.api.story import done_items, iso
from console.api.times import time_range
from correlation.entities import tactics_of
from correlation.joins import leaving
from correlation.story.likeness import Alike, alike
from fengsui.alert import Alert
from fengsui.clock import to_iso
from fengsui.errors import InputError, NotFoundError
from fengsui.incident import alert_count
from fengsui.store.event_store import TimeRange
from fengsui.store.state import Case
from fengsui.store.story_states import Cursor

router = APIRouter(prefix="/incidents", tags=["incidents"])
READ: Final = 2_000  # alerts looked at for one page
_BLOCK: Final = 500
_RULES: Final = 40  # walked side by side; of more, all alerts are looked at


@router.get("/{incident}/story")
def read_story(visitor: Reader, incident: str, parts: Parts) -> Story:
    """Sentences, stages, timeline, rules that spoke, what was done, and incidents that are alike."""
    case = find_case(parts, incident)
    kept = parts.stories.of(case.incident)
    document: dict[str, Any] = dict(kept.document)
    line = document["timeline"]
    width = line["width"] / 1e9
    told = {
        **iso(document, "first", "last"),
        "at": iso({"at": kept.at}, "at")["at"],
        "alerts": max(alert_count(case.incident), kept.size),
        "told": kept.size,
        "tactics": [{"key": key, "count": count} for key, count in document["tactics"].items()],
        "kinds": [iso(kind, "first", "last") for kind in document["kinds"]],
        "sentences": [iso(one, "first", "last") for one in document["sentences"]],
        "timeline": {
            **iso(line, "start"),
            "width": width,
            "entries": [iso(entry, "first", "last") for entry in line["entries"]],
            "gaps": [iso(gap, "since", "until") for gap in line["gaps"]],
        },
        "done": done_items(case, parts.state.runs(case.incident.id)),
        "alike": _alike(parts, case, document["kinds"]),
    }
    return Story.model_validate(told)


@router.get("/{incident}/alerts")
def list_incident_alerts(
    visitor: Reader, incident: str, parts: Parts, asked: Annotated[AlertQuery, Query()]
) -> StoryAlerts:
    """Alerts of an incident, oldest first; a page may hold fewer than asked and yet not be the last."""
    case = find_case(parts, incident)
    within = time_range(asked.since, asked.until)
    wanted = _Wanted((asked.rule,) if asked.rule else (), (), within, asked.tactic, bool)
    if asked.pick:
        wanted = _picked(parts, case, asked, wanted)
    found: list[Alert] = []
    cursor = _cursor(asked.after)
    read = 0
    more = True
    size = asked.limit * 5 // 4 + 1  # most often enough; else ever more are looked at
    while more and read < READ and len(found) < asked.limit:
        block = parts.state.alerts_in(
            case.incident.id,
            rules=wanted.rules if len(wanted.rules) <= _RULES else (),
            naming=wanted.naming,
            since=wanted.within.since,
            until=wanted.within.until,
            after=cursor,
            limit=size,
        )
        more = len(block) == size
        size = min(2 * size, _BLOCK)
        for number, alert in enumerate(block, 1):
            read += 1
            cursor = (alert.first, alert.id)
            if wanted.takes(alert):
                found.append(alert)
                if len(found) == asked.limit:
                    more = more or number < len(block)
                    break
    return StoryAlerts(
        items=[alert_shown(alert) for alert in found],
        joins=_joins(parts, case, {alert.id for alert in found}),
        after=f"{cursor[0]}:{cursor[1]}" if more and cursor else "",
        read=read,
    )


def _joins(parts: ApiParts, case: Case, shown: set[str]) -> list[Join]:
    leaves = leaving(case.incident.joins)
    told = [join for join in case.incident.joins if join.alert in shown]
    beside = {alert.id: alert for alert in parts.state.alerts([join.to for join in told])}
    return [
        Join(
            alert=join.alert,
            why=text_shown(join.why),
            to=join.to,
            to_title=text_shown(beside[join.to].title) if join.to in beside else None,
            to_first=to_iso(beside[join.to].first) if join.to in beside else None,
            leaves=leaves[join.alert],
        )
        for join in told
    ]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which alerts of an incident; `rules` () is any, as is `naming`."""

    rules: tuple[str, ...]
    naming: tuple[tuple[str, str], ...]
    within: TimeRange
    tactic: str
    has: Callable[[Alert], bool]

    def takes(self, alert: Alert) -> bool:
        return (not self.tactic or self.tactic in tactics_of(alert)) and self.has(alert)


def _picked(parts: ApiParts, case: Case, asked: AlertQuery, wanted: _Wanted) -> _Wanted:
    """Narrowed to what was picked in the story or the graph.

    Raises:
        NotFoundError: the story was told anew, and it is no more (code `no_such_pick`).
    """
    web = parts.stories.web(case.incident)
    pick = web.pick(asked.pick, {word for word in asked.opened.split(",") if word})
    if pick is None:
        raise NotFoundError(
            "The incident has changed, and what was picked is no more",
            where=asked.pick,
            next="Load the page again",
            code="no_such_pick",
        )
    since, until = web.span(pick)
    within = TimeRange(max(wanted.within.since, since), min(wanted.within.until, until))
    return _Wanted(
        wanted.rules or web.rules_of(pick),
        web.named_in(pick),
        within,
        wanted.tactic,
        partial(web.has, pick),
    )


def _cursor(text: str) -> Cursor | None:
    """Where a page ended.

    Raises:
        InputError: not a cursor of ours (code `bad_cursor`).
    """
    if not text:
        return None
    first, _, alert = text.partition(":")
    if not first.isascii() or not first.isdigit() or len(first) > 19 or not alert:
        raise InputError(
            "This is not where a page ended", where="after", next="Begin again", code="bad_cursor"
        )
    return int(first), alert


def _alike(parts: ApiParts, case: Case, kinds: Sequence[dict[str, Any]]) -> list[AlikeCase]:
    own, others = parts.state.alike(case.incident.id)
    titles = {kind["rule"]: kind["title"] for kind in kinds}
    found: list[AlikeCase] = []
    for one in alike(own, others):
        other = parts.state.case(one.incident)
        if other is not None:
            found.append(_alike_case(other, one, titles))
    return found


def _alike_case(other: Case, one: Alike, titles: dict[str, Any]) -> AlikeCase:
    shared: dict[str, list[str]] = {"rule": [], "technique": [], "entity": [], "role": []}
    for name, value in one.shared:
        shared.setdefault(name, []).append(value)
    return AlikeCase.model_validate(
        {
            "id": other.incident.id,
            "title": text_shown(other.incident.title),
            "severity": other.incident.severity.word,
            "status": other.status,
            "verdict": other.verdict,
            "verdict_reason": other.verdict_reason,
            "owner": other.owner,
            "first": iso({"first": other.incident.first}, "first")["first"],
            "likeness": round(one.likeness, 2),
            "rules": [titles[rule] for rule in shared["rule"] if rule in titles],
            "techniques": shared["technique"],
            "entities": [value.partition(":")[2] for value in shared["entity"]],
            "roles": shared["role"],
        }
    )
