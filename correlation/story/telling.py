"""Telling: the paragraph of an incident, whole sentences of the catalogue in order of time.

A sentence is about one behaviour of one actor, or of several where they are many. Each alert counts in
one sentence. Figures are measured ones; what alerts only suggest is called so by the sentence itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from correlation.story.activity import NOBODY, Activity, Key
from correlation.story.behaviours import KIND, OTHER, TACTIC, TOLD, behaviour_of
from correlation.story.cast import OTHERS, Cast, Player
from correlation.story.gathering import Kind
from correlation.story.plain import plain
from correlation.story.sizes import size_text
from fengsui.attack import TACTICS
from fengsui.ids import digest_id
from fengsui.text import Text

APART: Final = 3  # actors of one behaviour that get a sentence each
SENTENCES: Final = 12
Values = dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What was done, by how many alerts.

    Attributes:
        id: stays while the incident grows.
        behaviour, actors: whose alerts it sums; `lines` are the numbers of the activities.
        severity: the worst of them.
    """

    id: str
    text: Text
    behaviour: str
    actors: tuple[Key, ...]
    lines: tuple[int, ...]
    alerts: int
    first: int
    last: int
    severity: int


def paragraph(cast: Cast, kinds: dict[str, Kind]) -> list[Sentence]:
    """Sentences in order of time; what does not get one of its own stands in the last."""
    by_behaviour: defaultdict[str, list[Activity]] = defaultdict(list)
    for activity in cast.activities:
        kind = kinds.get(activity.rule)
        name = behaviour_of(activity, cast, kind.detection if kind else "")
        by_behaviour[name].append(activity)
    found: list[Sentence] = []
    rest = by_behaviour.pop(OTHER, [])
    for name, activities in by_behaviour.items():
        of_actor: defaultdict[Key, list[Activity]] = defaultdict(list)
        for activity in activities:
            of_actor[activity.actor].append(activity)
        groups = list(of_actor.values()) if len(of_actor) <= APART else [activities]
        found += [_sentence(name, group, cast, kinds) for group in groups]
    found.sort(key=_importance)
    for left in found[SENTENCES - 1 :] if len(found) > SENTENCES or rest else []:
        rest += [a for a in by_behaviour[left.behaviour] if a.actor in left.actors]
    if rest:
        found = [*found[: SENTENCES - 1], _sentence(OTHER, rest, cast, kinds)]
    return sorted(found, key=lambda one: (one.behaviour == OTHER, one.first, one.id))


def _importance(sentence: Sentence) -> tuple[int, int, int, str]:
    rank = TOLD.index(sentence.behaviour) if sentence.behaviour in TOLD else len(TOLD)
    return -sentence.severity, rank, -sentence.alerts, sentence.id


def _sentence(
    behaviour: str, activities: Sequence[Activity], cast: Cast, kinds: dict[str, Kind]
) -> Sentence:
    actors = tuple(sorted({activity.actor for activity in activities}))
    leader = actors[0]
    several = len(actors) > 1 or cast.players[leader].many > 1
    return Sentence(
        id="s" + digest_id(behaviour, *(("crowd",) if several else leader))[:12],
        text=_text(behaviour, activities, actors, cast, kinds),
        behaviour=behaviour,
        actors=actors,
        lines=tuple(sorted(cast.number[activity.key] for activity in activities)),
        alerts=sum(activity.alerts for activity in activities),
        first=min(activity.first for activity in activities),
        last=max(activity.last for activity in activities),
        severity=max(activity.severity for activity in activities),
    )


def _text(
    behaviour: str,
    activities: Sequence[Activity],
    actors: Sequence[Key],
    cast: Cast,
    kinds: dict[str, Kind],
) -> Text:
    worst = max(activities, key=lambda a: (a.severity, a.alerts, a.key))
    upon = _upon(activities, cast)
    many = sum(player.many for player in upon)
    hosts = max(many, *(activity.hosts for activity in activities))
    values: Values = {
        "alerts": sum(activity.alerts for activity in activities),
        "kinds": len({activity.rule for activity in activities}),
        "objects": hosts if behaviour in {"scan", "move"} else many,
        "actors": sum(cast.players[actor].many for actor in actors),
        "guesses": max(activity.guesses for activity in activities),
        "size": size_text(max(activity.size for activity in activities)),
    }
    values |= _label("actor", cast.players[worst.actor])
    main = _main(worst, upon, cast)
    if main is not None:
        values |= _label("object", main)
    title = _title(worst, kinds)
    values |= {"alert": title.render("zh") or plain(worst.rule)}
    values |= {"alert_en": title.render("en") or plain(worst.rule)}
    name = "kind" if behaviour.startswith(KIND) else behaviour
    if behaviour.startswith(TACTIC):
        name = "tactic"
        _, english, chinese = TACTICS[behaviour.removeprefix(TACTIC)]
        values |= {"tactic": chinese, "tactic_en": english}
    return Text(f"story.{name}.{_form(behaviour, values, main, actors, cast)}", values)


def _form(
    behaviour: str, values: Values, main: Player | None, actors: Sequence[Key], cast: Cast
) -> str:
    """Which form of a sentence is true: several actors, none known, no object, one, or many."""
    if behaviour == OTHER:
        return "all"
    if len(actors) > 1 or cast.players[actors[0]].many > 1:
        return "crowd"
    if actors[0] == NOBODY or not cast.players[actors[0]].values:
        return "nobody"
    if main is None:
        return "alone"
    return "one" if values["objects"] == 1 else "many"


def _upon(activities: Sequence[Activity], cast: Cast) -> list[Player]:
    """Upon whom: the kind of thing that the main objects are."""
    mains = {activity.objects[0] for activity in activities if activity.objects}
    if not mains:
        return []
    kinds = {(cast.players[key].kind, cast.players[key].internal) for key in mains}
    every = {key for activity in activities for key in activity.objects}
    found = [cast.players[key] for key in sorted(every)]
    return [player for player in found if (player.kind, player.internal) in kinds]


def _main(worst: Activity, upon: Sequence[Player], cast: Cast) -> Player | None:
    """The object to name: of the worst activity, else any that has a name."""
    if worst.objects and cast.players[worst.objects[0]].values:
        return cast.players[worst.objects[0]]
    return next((player for player in upon if player.values), None)


def _title(worst: Activity, kinds: dict[str, Kind]) -> Text:
    kind = kinds.get(worst.rule)
    if kind is None or worst.rule == OTHERS:
        kind = max(kinds.values(), key=lambda one: one.best)
    return kind.title


def _label(name: str, player: Player) -> Values:
    """A player with whose it is, in the brackets of each language."""
    shown = player.shown
    if not player.owner:
        return {name: shown, f"{name}_en": shown}
    return {name: f"{shown}（{player.owner}）", f"{name}_en": f"{shown} ({player.owner})"}
