"""Who attacks whom: alerts of open incidents and outside them as flows between places of ours and outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.situation.desk import Picture, name_of
from fengsui.alert import Alert, Entity
from fengsui.severity import Severity
from fengsui.store.state import State
from sensors.enrich.address_plan import AddressPlan

OUTSIDE: Final = "outside"
UNPLACED: Final = "unplaced"
_FROM: Final = frozenset({"source", "attacker"})
_CALLED: Final = frozenset({"c2"})
_HOSTS: Final = frozenset({"host", "address"})
MOST: Final = 2000  # alerts looked at, the newest


@dataclass(frozen=True, slots=True)
class Place:
    """One end of a flow: a zone of a unit, `outside` or `unplaced` (ours, but in no zone or unit)."""

    kind: str
    unit: str
    zone: str


@dataclass(frozen=True, slots=True)
class AttackFlow:
    """Alerts from one place towards another, with the worst severity."""

    source: Place
    target: Place
    alerts: int
    severity: Severity


@dataclass(frozen=True, slots=True)
class Attacks:
    """The flows with their alerts by rule and tactic; `cut`: older alerts were not looked at."""

    flows: tuple[AttackFlow, ...]
    rules: tuple[tuple[Alert, int], ...]
    tactics: tuple[tuple[str, int], ...]
    severities: tuple[tuple[str, int], ...]
    alerts: int
    without_ends: int
    cut: bool


def attacks(state: State, picture: Picture, since: int) -> Attacks:
    """Alerts since a time (ns), by where they come from and go to."""
    period = picture.period
    plan = AddressPlan(period.plan)
    found = state.alerts(run=period.scope, since=since, until=period.now + 1, limit=MOST)
    counts: Counter[tuple[Place, Place]] = Counter()
    worst: dict[tuple[Place, Place], Severity] = {}
    without = 0
    for alert in found:
        ends = _ends(alert, plan, picture)
        without += not ends
        for end in ends:
            counts[end] += 1
            worst[end] = max(worst.get(end, Severity.INFO), alert.severity)
    rules = Counter(alert.rule for alert in found)
    named = {alert.rule: alert for alert in found}
    return Attacks(
        tuple(
            AttackFlow(*end, count, worst[end])
            for end, count in sorted(
                counts.items(), key=lambda row: (-worst[row[0]], -row[1], repr(row[0]))
            )
        ),
        tuple((named[rule], count) for rule, count in rules.most_common(10)),
        tuple(Counter(t for alert in found for t in alert.tactics).most_common()),
        tuple(Counter(alert.severity.word for alert in found).items()),
        len(found),
        without,
        len(found) >= MOST,
    )


def _ends(alert: Alert, plan: AddressPlan, picture: Picture) -> set[tuple[Place, Place]]:
    """Pairs of places; an implant's call goes out from its host, so it counts from there."""
    sources = _places(alert.entities, plan, picture, _FROM)
    hosts = [each for each in alert.entities if each.role not in _FROM | _CALLED]
    targets = _places(hosts, plan, picture, None)
    called = _places(alert.entities, plan, picture, _CALLED)
    if called:
        return {(source, target) for source in (sources or targets) for target in called}
    return {(source, target) for source in sources for target in targets}


def _places(
    entities: Sequence[Entity], plan: AddressPlan, picture: Picture, roles: frozenset[str] | None
) -> set[Place]:
    found: set[Place] = set()
    for each in entities:
        if roles is not None and each.role not in roles:
            continue
        if each.kind in _HOSTS:
            found.add(_place(each.value, each.internal, plan, picture))
        elif each.role in _CALLED and each.kind == "domain":
            found.add(Place(OUTSIDE, "", ""))
    return found


def _place(address: str, internal: bool, plan: AddressPlan, picture: Picture) -> Place:
    place = plan.at(address)
    if not (internal or place.internal):
        return Place(OUTSIDE, "", "")
    if not (place.unit or place.zone):
        return Place(UNPLACED, "", "")
    return Place("zone", name_of(("unit", place.unit), picture.period), place.zone)
