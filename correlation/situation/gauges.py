"""The four gauges: Threat and Exposure are risks, Visibility and Response shares of what should be.

Pure: the same facts give the same readings in any order. Laws (tests/correlation/situation): parts sum
to the gauge and items to their part; adding a true alert never lowers Threat; one low alert in no
incident moves no gauge by more than a point.
"""

from __future__ import annotations

from typing import Final

from correlation.situation.facts import ExpectedFact, Facts, IncidentFact
from correlation.situation.reading import (
    GaugeName,
    Item,
    ItemKind,
    Link,
    Part,
    Reading,
    Strength,
    Wanted,
    risk_parts,
    share_parts,
)
from correlation.situation.weights import by_word, number
from fengsui.clock import DAY, HOUR, MINUTE
from fengsui.text import Text

_ITEM_OF: Final[dict[str, ItemKind]] = {
    "assets": "asset",
    "sources": "source",
    "planes": "plane",
    "sensors": "sensor",
    "control": "control",
    "service": "address",
    "practice": "address",
    "unregistered": "address",
    "unowned": "asset",
}


def read_gauges(facts: Facts) -> tuple[Reading, Reading, Reading, Reading]:
    """Threat, exposure, visibility and response; unknown where too little of what should be is seen."""
    seen = visibility(facts)
    return (
        _shown(threat(facts), seen),
        _shown(exposure(facts), seen),
        seen,
        _shown(response(facts), seen),
    )


def threat(facts: Facts) -> Reading:
    """Open incidents by their score, and alerts that stand in none, both fading with time."""
    found = [_of_incident(facts, each) for each in facts.incidents if each.is_open]
    strengths = by_word("threat.alert_strength")
    oldest = facts.now - number("threat.alert_window_days") * DAY
    half = number("threat.alert_half_life_hours") * HOUR
    for alert in facts.alerts:
        if alert.last >= oldest:
            strength = strengths[alert.severity.word] * _faded(facts.now - alert.last, half)
            item = _item(
                "alert", alert.id, alert.title, alert.last, alert.severity.word, alert.detail
            )
            found.append(Strength("alerts", strength, item))
    why = {f"incidents_{word}": Text(f"situation.part.incidents_{word}") for word in strengths} | {
        "alerts": Text("situation.part.alerts")
    }
    links = {
        f"incidents_{word}": Link("queue", {"severity": word, "run": facts.scope or "live"})
        for word in strengths
    }
    return _risk("threat", risk_parts(found, number("threat.power"), why, links))


def exposure(facts: Facts) -> Reading:
    """What could be attacked: failed controls, services reachable from outside, weak practice, gaps."""
    failed = by_word("exposure.failed_control")
    strength = {
        "service": number("exposure.reachable_service"),
        "practice": number("exposure.weak_practice"),
        "unregistered": number("exposure.unregistered"),
        "unowned": number("exposure.unowned"),
    }
    found = [
        Strength(
            each.part,
            failed.get(each.degree, 0.0)
            if each.part == "control"
            else strength[each.part] * each.criticality,
            Item(_ITEM_OF[each.part], each.id, each.title, 0.0, 0.0, each.at, each.detail),
        )
        for each in facts.weaknesses
    ]
    why = {part: Text(f"situation.part.{part}") for part in (*strength, "control")}
    links = {
        "control": Link("compliance"),
        "service": Link("hunt", {"q": "event.dataset:flow AND network.direction:inbound"}),
        "unowned": Link("assets"),
    }
    return _risk("exposure", risk_parts(found, number("exposure.power"), why, links))


def visibility(facts: Facts) -> Reading:
    """How much of what should be seen was seen: assets, sources, planes, sensors."""
    wanted: dict[str, list[Wanted]] = {}
    for each in facts.expected:
        wanted.setdefault(each.part, []).append(Wanted(_expected(each), each.weight, each.share))
    most = by_word("visibility.shares")
    ordered = {name: wanted[name] for name in most if name in wanted}
    why = {name: _counted(name, facts) for name in ordered}
    links = {
        "assets": Link("assets"),
        "sources": Link("system/health"),
        "sensors": Link("system/health"),
    }
    # Running sensors alone say nothing of what they should see.
    nothing = not (ordered.keys() - {"sensors"})
    value, parts = share_parts({} if nothing else ordered, most, why, links)
    if value is None:
        return Reading("visibility", None, 0.0, (), Text("situation.unknown.nothing_expected"))
    return Reading("visibility", value, value, parts)


def response(facts: Facts) -> Reading:
    """Whether incidents are taken and closed, and warnings answered, in time."""
    weight = by_word("response.severity_weight")
    take, close = by_word("response.take_minutes"), by_word("response.close_hours")
    oldest = facts.wall - number("response.window_days") * DAY
    wanted: dict[str, list[Wanted]] = {"taken": [], "closed": [], "warnings": []}
    for each in facts.incidents:
        if each.closed and each.closed < oldest:
            continue
        word = each.severity.word
        item = _item("incident", each.id, each.title, each.noticed, word)
        taken = _in_time(each.noticed, each.taken or each.closed, facts.wall, take[word] * MINUTE)
        closed = _in_time(each.noticed, each.closed, facts.wall, close[word] * HOUR)
        wanted["taken"].append(Wanted(item, weight[word], taken))
        wanted["closed"].append(Wanted(item, weight[word], closed))
    limits = by_word("warning.confirm_minutes")
    for warned in facts.warnings:
        limit = limits[warned.colour] * MINUTE
        done = _in_time(warned.proposed, warned.answered, facts.wall, limit)
        item = _item("warning", warned.id, warned.title, warned.proposed)
        wanted["warnings"].append(Wanted(item, 1.0, done))
    why = {name: _in_time_of(name, rows) for name, rows in wanted.items()}
    queue = Link("queue", {"run": facts.scope or "live"})
    links = {"taken": queue, "closed": queue, "warnings": Link("situation", {"view": "warnings"})}
    value, parts = share_parts(wanted, by_word("response.shares"), why, links)
    if value is None:
        return Reading("response", None, 0.0, (), Text("situation.unknown.nothing_to_answer"))
    return Reading("response", value, value, parts)


def _shown(reading: Reading, seen: Reading) -> Reading:
    """The reading, or unknown with what was seen as a lower bound."""
    if reading.unknown is not None:
        return reading
    least = number("visibility.unknown_below")
    if seen.value is not None and seen.value >= least:
        return reading
    why = (
        Text("situation.unknown.nothing_expected")
        if seen.value is None
        else Text("situation.unknown.low", {"seen": round(seen.value), "least": round(least)})
    )
    return Reading(reading.gauge, None, reading.seen, reading.parts, why)


def _risk(gauge: GaugeName, made: tuple[float, tuple[Part, ...]]) -> Reading:
    total, parts = made
    return Reading(gauge, total, total, parts)


def _of_incident(facts: Facts, each: IncidentFact) -> Strength:
    half = number("threat.incident_half_life_days") * DAY
    word = each.severity.word
    item = _item("incident", each.id, each.title, each.last, word)
    return Strength(f"incidents_{word}", each.score * _faded(facts.now - each.last, half), item)


def _faded(age: float, half_life: float) -> float:
    return float(0.5 ** (max(0.0, age) / half_life))


def _in_time(start: int, done: int, now: int, limit: float) -> float:
    """1 where it was done within the limit, or there still is time; else 0."""
    return float((done or now) - start <= limit)


def _in_time_of(name: str, rows: list[Wanted]) -> Text:
    late = sum(row.share < 1 for row in rows)
    return Text(f"situation.part.{name}", {"late": late, "all": len(rows)})


def _counted(name: str, facts: Facts) -> Text:
    mine = [each for each in facts.expected if each.part == name]
    missing = sum(each.share < 1 for each in mine)
    return Text(f"situation.part.{name}", {"missing": missing, "all": len(mine)})


def _expected(each: ExpectedFact) -> Item:
    return Item(_ITEM_OF[each.part], each.id, each.title, 0.0, 0.0, each.at, each.detail)


def _item(
    kind: ItemKind, id_: str, title: Text, at: int, severity: str = "", detail: Text | None = None
) -> Item:
    return Item(kind, id_, title, 0.0, 0.0, at, detail, severity)
