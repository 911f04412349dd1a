"""The story of an incident as it is kept: three documents of bounded size, whatever the number of alerts.

`document` is what opening the page needs; `graph` is drawn already; `web` leads from each sentence, line
of time or edge back to its alerts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from correlation.entities import CorrelationContext
from correlation.story.cast import OTHERS, Cast, Player, cast_of
from correlation.story.drawing import graph_document
from correlation.story.gathering import Gathering, Kind
from correlation.story.likeness import Mark, marks_of
from correlation.story.picking import Web
from correlation.story.slots import slots_of
from correlation.story.telling import Sentence, paragraph
from correlation.story.timeline import Entry, Timeline, timeline
from fengsui.alert import Alert
from fengsui.severity import Severity

VERSION: Final = 4  # of the documents; a story of another version is made anew
KINDS: Final = 60
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """What is told of an incident. `size`: alerts that it tells of."""

    size: int
    document: Document
    web: Document
    graph: Document
    marks: frozenset[Mark]


def tell(alerts: Iterable[Alert], first: int, last: int, context: CorrelationContext) -> Story:
    """The story of these alerts, of an incident from `first` to `last` (ns)."""
    slots = slots_of(first, last)
    gathering = Gathering(slots, context)
    for alert in alerts:
        gathering.add(alert)
    cast = cast_of(gathering)
    sentences = paragraph(cast, gathering.kinds)
    line = timeline(cast.activities, slots)
    kinds = sorted(gathering.kinds.values(), key=lambda k: (-k.severity, -k.fidelity, k.rule))
    ours = sum(one.internal and one.kind == "host" for one in gathering.things.values())
    document: Document = {
        "version": VERSION,
        "alerts": gathering.alerts,
        "repeats": sum(kind.repeats for kind in kinds),
        "ours": ours,
        "others": len(gathering.things) - ours,
        "first": min((a.first for a in cast.activities), default=first),
        "last": max((a.last for a in cast.activities), default=last),
        "tactics": dict(sorted(gathering.tactics.items())),
        "kinds": [_kind(kind) for kind in kinds[:KINDS]],
        "more_kinds": max(0, len(kinds) - KINDS),
        "sentences": [_sentence(one) for one in sentences],
        "timeline": _timeline(line, cast, gathering.kinds),
    }
    web = _web(cast, line, sentences)
    graph = graph_document(Web(web), document["kinds"])
    web["edges"] = {edge["id"]: edge["lines"] for edge in graph["edges"]}
    return Story(
        gathering.alerts,
        document,
        web,
        graph,
        frozenset(marks_of(cast, gathering.kinds)),
    )


def _kind(kind: Kind) -> Document:
    return {
        "rule": kind.rule,
        "title": kind.title.as_json(),
        "detection": kind.detection,
        "severity": Severity(kind.severity).word,
        "fidelity": kind.fidelity,
        "alerts": kind.alerts,
        "repeats": kind.repeats,
        "tactics": sorted(kind.tactics),
        "techniques": sorted(kind.techniques),
        "first": kind.first,
        "last": kind.last,
        "alert": kind.alert,
    }


def _sentence(one: Sentence) -> Document:
    return {
        "id": one.id,
        "text": one.text.as_json(),
        "behaviour": one.behaviour,
        "alerts": one.alerts,
        "first": one.first,
        "last": one.last,
        "severity": Severity(one.severity).word,
    }


def _timeline(line: Timeline, cast: Cast, kinds: dict[str, Kind]) -> Document:
    return {
        "start": line.slots.start,
        "width": line.slots.width,
        "count": line.slots.count,
        "entries": [_entry(entry, cast, kinds) for entry in line.entries],
        "gaps": [{"since": gap.since, "until": gap.until} for gap in line.gaps],
        "bars": [{"slot": bar.slot, "alerts": list(bar.alerts)} for bar in line.bars],
    }


def _entry(entry: Entry, cast: Cast, kinds: dict[str, Kind]) -> Document:
    kind = kinds.get(entry.rule) if entry.rule != OTHERS else None
    actor = cast.players[entry.actors[0]]
    return {
        "id": entry.id,
        "rule": entry.rule,
        "title": kind.title.as_json() if kind else None,
        "actor": _named(actor) if actor.values else None,
        "actors": sum(cast.players[key].many for key in entry.actors),
        "objects": entry.objects,
        "alerts": entry.alerts,
        "repeats": entry.repeats,
        "first": entry.first,
        "last": entry.last,
        "severity": Severity(entry.severity).word,
        "why": entry.why.as_json(),
        "tactics": sorted({t for n in entry.lines for t in cast.activities[n].tactics}),
    }


def _named(player: Player) -> Document:
    return {
        "kind": player.kind,
        "value": player.values[0],
        "shown": player.shown,
        "role": player.role,
        "internal": player.internal,
        "unit": player.owner,
    }


def _web(cast: Cast, line: Timeline, sentences: Iterable[Sentence]) -> Document:
    numbers = {key: number for number, key in enumerate(cast.players)}
    return {
        "version": VERSION,
        "objects": cast.objects,
        "start": line.slots.start,
        "width": line.slots.width,
        "count": line.slots.count,
        "things": [
            {
                "key": list(player.key),
                "kind": player.kind,
                "internal": player.internal,
                "values": list(player.values),
                "label": player.shown,
                "owner": player.owner,
                "role": player.role,
                "many": player.many,
            }
            for player in cast.players.values()
        ],
        "lines": [
            {
                "actor": numbers[activity.actor],
                "objects": [numbers[key] for key in activity.objects],
                "rule": activity.rule,
                "variant": activity.variant,
                "severity": activity.severity,
                "first": activity.first,
                "last": activity.last,
                "tactics": sorted(activity.tactics),
                "slots": [[n, activity.slots[n].alerts] for n in sorted(activity.slots)],
            }
            for activity in cast.activities
        ],
        "picks": {
            **{one.id: {"lines": list(one.lines), "slots": None} for one in sentences},
            **{e.id: {"lines": list(e.lines), "slots": list(e.slots)} for e in line.entries},
        },
    }
