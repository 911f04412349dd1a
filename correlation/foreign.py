"""Incidents of other tools' alerts: folded items with their bits, grouped by case, in the house's own words.

The surprise engine decides which items are one case; each item is kept as an alert whose facts hold
its bits and its case, so that an incident can be told again from the alerts alone, also after an
analyst has merged or split it. Bits become points on the house's scale of 0 to 100 by a rising curve
through the engine's own bounds of severity; the points of the parts add up to the score.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from correlation.clusters import Clusters, Link
from correlation.entities import CorrelationContext, is_ours
from correlation.surprise.parameters import Parameters
from fengsui.alert import Alert, Entity
from fengsui.attack import in_order
from fengsui.clock import MINUTE
from fengsui.ids import digest_id
from fengsui.incident import JOINS_KEPT, Decision, Incident, Join, ScorePart, Stage
from fengsui.severity import Severity
from fengsui.text import Text

# Facts of an item: its bits, the engine's case, the name of its host, the host that it stands beside.
BITS, CASE, NAME, BESIDE = "surprise", "case", "host", "beside"
ENTITIES_SHOWN: Final = 200
# Shares of the engine's bound for high severity → points of an incident (Severity.of_score).
_CURVE: Final = ((0.0, 0.0), (0.15, 20.0), (0.35, 40.0), (1.0, 70.0), (2.0, 90.0), (6.0, 100.0))


def points_of(bits: float) -> float:
    """Points of a score in bits: rising, 0 for 0, never above 100."""
    share = bits / Parameters().raise_at
    for (low, below), (high, above) in pairwise(_CURVE):
        if share <= high:
            return below + (above - below) * (share - low) / (high - low)
    return _CURVE[-1][1]


def grouped(
    alerts: Iterable[Alert], decisions: Sequence[Decision] = ()
) -> list[tuple[list[Alert], list[Link]]]:
    """Items of one case together, unless analysts decided otherwise; with what joins them."""
    by_id = {alert.id: alert for alert in sorted(alerts, key=lambda a: (a.first, a.id))}
    clusters = Clusters(by_id, decisions)
    cases: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in by_id.values():
        cases[str(_fact(alert, CASE))].append(alert)
    for case in sorted(cases):
        before: dict[str, Alert] = {}  # host → its newest item
        first: Alert | None = None
        for alert in cases[case]:
            host = _host(alert)
            for other in (before.get(host), before.get(str(_fact(alert, BESIDE))), first):
                if other is not None:
                    gap = max(0, alert.first - other.last)
                    kind = "host" if _host(other) == host else "surprise"
                    clusters.join(Link(gap, kind, _host(other), other.id, alert.id))
            before[host] = alert
            first = first or alert
    links: defaultdict[str, list[Link]] = defaultdict(list)
    for link in clusters.links:
        links[clusters.root(link.one)].append(link)
    return [
        ([by_id[alert] for alert in sorted(group, key=lambda a: (by_id[a].first, a))], links[root])
        for group in clusters.groups()
        for root in (clusters.root(group[0]),)
    ]


def build_foreign(
    run: str,
    alerts: Sequence[Alert],
    links: Sequence[Link],
    context: CorrelationContext,
    *,
    learning: bool = False,
    least: Severity = Severity.INFO,
) -> Incident:
    """The incident of a group of items, the oldest first.

    Args:
        run: that it bears.
        alerts: its items.
        links: what joins them.
        context: whose the hosts are.
        learning: whether some of it was judged while its network was being learned.
        least: severity that the engine gave it.
    """
    score, parts = _scored(alerts)
    severity = max(Severity.of_score(score), least)
    return Incident(
        id=digest_id(run, "foreign", alerts[0].id),
        title=_title(alerts, context),
        score=score,
        severity=severity,
        parts=parts,
        entities=_entities(alerts, context),
        stages=_stages(alerts),
        alerts=tuple(alert.id for alert in alerts),
        first=min(alert.first for alert in alerts),
        last=max(alert.last for alert in alerts),
        run=run,
        origin="foreign",
        learning=learning,
        count=sum(alert.count for alert in alerts),
        joins=_joins(links),
    )


def _scored(alerts: Sequence[Alert]) -> tuple[float, tuple[ScorePart, ...]]:
    """Bits of each kind, its hosts counting less and less; then all of it in points."""
    best: defaultdict[str, dict[str, float]] = defaultdict(dict)
    ids: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        bits, host = float(_fact(alert, BITS) or 0.0), _host(alert)
        best[alert.rule][host] = max(bits, best[alert.rule].get(host, 0.0))
        ids[alert.rule].append(alert)
    bits_of = {
        rule: sum(b / j**1.5 for j, b in enumerate(sorted(hosts.values(), reverse=True), 1))
        for rule, hosts in best.items()
    }
    total = sum(sorted(bits_of.values()))
    rate = points_of(total) / total if total else 0.0
    parts: list[ScorePart] = []
    running, so_far = 0.0, 0
    for rule in sorted(bits_of, key=lambda rule: (-bits_of[rule], rule)):
        running += bits_of[rule] * rate
        cents = round(running * 100)
        why = Text(
            "correlation.part.surprise",
            {
                "alerts": sum(alert.count for alert in ids[rule]),
                "hosts": len(best[rule]),
                "bits": round(bits_of[rule], 1),
            },
        )
        told = tuple(sorted(alert.id for alert in ids[rule]))
        parts.append(ScorePart(f"rule:{rule}", (cents - so_far) / 100, why, told))
        so_far = cents
    return so_far / 100, tuple(parts)


def _title(alerts: Sequence[Alert], context: CorrelationContext) -> Text:
    carried: defaultdict[str, float] = defaultdict(float)
    for alert in alerts:
        carried[_host(alert)] += float(_fact(alert, BITS) or 0.0)
    main = min(carried, key=lambda host: (-carried[host], host))
    worst = min(alerts, key=lambda a: (-float(_fact(a, BITS) or 0.0), a.first, a.id))
    evidence = [a for a in alerts if _fact(a, BITS)] or alerts
    names = {str(_fact(a, NAME)) for a in alerts if _host(a) == main and _fact(a, NAME)}
    owner = context.unit_of(main) or min(names, default="")
    label = owner if owner != main else ""
    spent = max(a.last for a in evidence) - min(a.first for a in evidence)
    values: dict[str, str | int | float] = {
        "host": f"{main} · {label}" if label else main,
        "hosts": len(carried),
        "kinds": len({a.rule for a in evidence}),
        "worst": worst.title.render("en"),
        "minutes": max(1, round(spent / MINUTE)),
    }
    return Text(f"correlation.surprise.{'many' if len(carried) > 1 else 'one'}", values)


def _entities(alerts: Sequence[Alert], context: CorrelationContext) -> tuple[Entity, ...]:
    weight: defaultdict[Entity, float] = defaultdict(float)
    for alert in alerts:
        for entity in alert.entities:
            weight[entity] += float(_fact(alert, BITS) or 0.0)
    ordered = sorted(weight, key=lambda e: (not is_ours(e, context), -weight[e], e.kind, e.value))
    return tuple(ordered[:ENTITIES_SHOWN])


def _stages(alerts: Sequence[Alert]) -> tuple[Stage, ...]:
    spoke: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        for tactic in alert.tactics:
            spoke[tactic].append(alert)
    return tuple(
        Stage(
            tactic,
            tuple(sorted({t for alert in spoke[tactic] for t in alert.techniques})),
            min(alert.first for alert in spoke[tactic]),
            tuple(alert.id for alert in spoke[tactic]),
        )
        for tactic in in_order(set(spoke))
    )


def _joins(links: Sequence[Link]) -> tuple[Join, ...]:
    return tuple(
        Join(
            link.other,
            link.one,
            link.kind,
            link.value,
            Text(
                f"correlation.join.{link.kind}",
                {"value": link.value, "minutes": round(link.gap / MINUTE)},
            ),
        )
        for link in links[:JOINS_KEPT]
    )


def _host(alert: Alert) -> str:
    """What the item is about: the host stands first among its entities."""
    return alert.entities[0].value if alert.entities else ""


def _fact(alert: Alert, name: str) -> float | str | None:
    return next((fact.value for fact in alert.facts if fact.name == name), None)
