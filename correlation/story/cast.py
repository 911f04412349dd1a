"""Cast: who takes part in an incident, in which role, and what they did, within a bound.

Beyond the bound, things that matter least stand as one "others" of their kind; no alert is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from correlation.entities import CorrelationContext
from correlation.story.activity import NOBODY, Activity, ActivityKey, Key
from correlation.story.gathering import Gathering, Thing
from correlation.story.plain import plain

OTHERS: Final = "*"  # value of a key that stands for many
OURS: Final = "*ours"
SERVED: Final = 3  # who is acted upon by so many is a server
ACTIVITIES: Final = 2_000
# Things and rules told apart, and upon how many objects each; the first that fits is taken.
_BOUNDS: Final = (
    (600, 400, 64),
    (600, 400, 1),
    (150, 100, 1),
    (40, 40, 1),
    (10, 20, 1),
    (10, 20, 0),
)
_OUTSIDE: Final = frozenset({"host", "address", "domain", "url"})


@dataclass(frozen=True, slots=True)
class Player:
    """One who takes part.

    Attributes:
        values: its addresses or names, the one to show first; none where it stands for many.
        many: how many things it stands for.
        owner: whose it is; "" when unknown.
        role: attacker, pivot, controlled, source, server, target, c2, outside, or thing.
    """

    key: Key
    kind: str
    internal: bool
    values: tuple[str, ...]
    many: int
    owner: str
    role: str = "thing"

    @property
    def shown(self) -> str:
        """The value that people see, as text."""
        return plain(self.values[0]) if self.values else ""


@dataclass(frozen=True, slots=True)
class Cast:
    """Players by key, activities in an order of their own, and how many objects each keeps."""

    players: dict[Key, Player]
    activities: tuple[Activity, ...]
    objects: int
    number: dict[ActivityKey, int]  # of an activity, by its key


def cast_of(gathering: Gathering) -> Cast:
    """The cast of what was gathered."""
    weights = _weights(gathering.activities.values())
    homes: dict[Key, Key] = {}
    reduced: list[ActivityKey] = []
    objects = 0
    for things, rules, objects in _BOUNDS:
        kept = set(sorted(weights, key=lambda key: (weights[key], key))[:things])
        homes = {key: _home(key, thing, kept) for key, thing in gathering.things.items()}
        known = sorted(gathering.kinds.values(), key=lambda k: (-k.severity, -k.alerts, k.rule))
        told = {kind.rule for kind in known[:rules]}
        reduced = [_reduced(one, homes, told, objects) for one in gathering.activities.values()]
        if len(set(reduced)) <= ACTIVITIES:
            break
    activities = _merged(gathering.activities.values(), reduced)
    taking_part = {key for one in activities for key in (one.actor, *one.objects)} - {NOBODY}
    counts = Counter(home for home in homes.values() if home in taking_part)
    players = {
        key: _player(key, gathering.things.get(key), count, gathering.context)
        for key, count in sorted(counts.items())
    }
    if any(activity.actor == NOBODY for activity in activities):
        players[NOBODY] = Player(NOBODY, "", False, (), 0, "")
    number = {one.key: at for at, one in enumerate(activities)}
    return Cast(_with_roles(players, activities, gathering), tuple(activities), objects, number)


def home_of(kind: str, internal: bool) -> Key:
    """The key of all that are not told apart."""
    return kind, OURS if internal else OTHERS


def _home(key: Key, thing: Thing, kept: set[Key]) -> Key:
    if key in kept:
        return key
    return home_of(thing.kind, thing.internal)


def _weights(activities: Iterable[Activity]) -> dict[Key, tuple[int, int]]:
    """How much each thing matters: worst severity, then alerts; the smallest first."""
    worst: defaultdict[Key, int] = defaultdict(int)
    alerts: defaultdict[Key, int] = defaultdict(int)
    for activity in activities:
        severity, count = activity.severity, activity.alerts
        acts = count * 4  # who acts matters more than who is acted upon
        for key, weight in ((activity.actor, acts), *((each, count) for each in activity.objects)):
            worst[key] = max(worst[key], severity)
            alerts[key] += weight
    return {key: (-worst[key], -alerts[key]) for key in worst}


def _reduced(
    activity: Activity, homes: Mapping[Key, Key], rules: Collection[str], objects: int
) -> ActivityKey:
    """What an activity is called where only so much is told apart."""
    actor = homes.get(activity.actor, activity.actor)
    upon = dict.fromkeys(homes[key] for key in activity.objects)
    upon.pop(actor, None)
    if activity.rule in rules:
        return actor, tuple(upon)[:objects], activity.rule, activity.variant
    return actor, tuple(upon)[:objects], OTHERS, ""


def _merged(activities: Iterable[Activity], keys: Iterable[ActivityKey]) -> list[Activity]:
    found: dict[ActivityKey, Activity] = {}
    for activity, key in zip(activities, keys, strict=True):
        found.setdefault(key, Activity(*key)).take(activity)
    return [found[key] for key in sorted(found)]


def _player(key: Key, thing: Thing | None, count: int, context: CorrelationContext) -> Player:
    if thing is None:
        return Player(key, key[0], key[1] == OURS, (), count, "")
    values = tuple(thing.ordered)
    owner = ""
    if thing.internal and values:
        owner = context.unit_of(values[0]) or context.asset_name(values[0])
    owner = "" if owner == values[0] else plain(owner)
    return Player(key, thing.kind, thing.internal, values, 1, owner)


def _with_roles(
    players: dict[Key, Player], activities: list[Activity], gathering: Gathering
) -> dict[Key, Player]:
    acts: dict[Key, int] = {}  # end of the last thing it did
    controlled: set[Key] = set()
    upon_ours: set[Key] = set()
    hit: defaultdict[Key, dict[Key, int]] = defaultdict(dict)  # by whom, first when
    for activity in activities:
        acts[activity.actor] = max(acts.get(activity.actor, 0), activity.last)
        for key in activity.objects:
            first = hit[key].get(activity.actor, activity.first)
            hit[key][activity.actor] = min(first, activity.first)
            if players[key].internal and players[key].kind in _OUTSIDE:
                upon_ours.add(activity.actor)
        if "command-and-control" in activity.tactics and players[activity.actor].internal:
            controlled.add(activity.actor)
    found: dict[Key, Player] = {}
    for key, player in players.items():
        acted = acts.get(key)
        if player.internal and player.kind in _OUTSIDE:
            was_hit = acted is not None and any(first <= acted for first in hit[key].values())
            if acted is None:
                role = "server" if len(hit[key]) >= SERVED else "target"
            elif was_hit and key in upon_ours:
                role = "pivot"
            else:
                role = "controlled" if key in controlled else "source"
        else:
            thing = gathering.things.get(key)
            role = _role(player, thing.roles if thing else set(), acted is not None)
        found[key] = replace(player, role=role)
    return found


def _role(player: Player, told: set[str], acts: bool) -> str:
    if player.kind not in _OUTSIDE:
        return "thing"
    if acts:
        return "attacker"
    return "c2" if "c2" in told else "outside"
