"""A group of alerts as an incident: id, title, score with parts, entities with roles, stages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from correlation.clusters import Link
from correlation.entities import CorrelationContext, is_ours
from correlation.joining import Node
from correlation.joins import joins_of
from correlation.scoring import Score
from correlation.titles import title_of
from fengsui.alert import Entity
from fengsui.attack import in_order
from fengsui.clock import DAY
from fengsui.ids import digest_id
from fengsui.incident import JOINS_KEPT, Incident, Stage
from fengsui.severity import Severity

ENTITIES_SHOWN: Final = 200
LEARNING: Final = DAY  # telemetry of a site before what is new there can be told from what is usual
# What to call an entity that plays several parts: the most telling one.
_ROLE_RANK: Final = {
    role: rank for rank, role in enumerate(("attacker", "c2", "victim", "source", "target", "peer"))
}


def incident_id(run: str, nodes: Sequence[Node]) -> str:
    """Id of a group: over the run and its oldest alert, so it stays while the group grows."""
    oldest = min(nodes, key=lambda node: (node.alert.first, node.alert.id))
    return digest_id(run, oldest.alert.id)


def build_incident(
    run: str,
    nodes: Sequence[Node],
    scored: Score,
    context: CorrelationContext,
    links: Sequence[Link] = (),
    known_since: int | None = None,
) -> Incident:
    """The incident of a group of at least one alert.

    Args:
        run: whose alerts they are.
        nodes: the alerts.
        scored: what they come to.
        context: whose the hosts are.
        links: what joins them, a tree.
        known_since: since when telemetry of the site is known, ns; None where that is not known.
    """
    ordered = sorted(nodes, key=lambda node: (node.alert.first, node.alert.id))
    points, parts = scored
    return Incident(
        id=incident_id(run, ordered),
        title=title_of(ordered, context),
        score=points,
        severity=Severity.of_score(points),
        parts=parts,
        entities=_entities(ordered, context),
        stages=_stages(ordered),
        alerts=tuple(node.alert.id for node in ordered),
        first=ordered[0].alert.first,
        last=max(node.alert.last for node in ordered),
        run=run,
        learning=known_since is not None and ordered[0].alert.first < known_since + LEARNING,
        count=sum(node.alert.count for node in ordered),
        joins=joins_of(ordered, links, _names(ordered, context), context, JOINS_KEPT),
    )


def _names(nodes: Sequence[Node], context: CorrelationContext) -> dict[str, str]:
    """An address that the alerts name for each of our hosts, IPv4 before IPv6."""
    named: dict[str, str] = {}
    for node in nodes:
        for entity in node.alert.entities:
            if is_ours(entity, context):
                host = context.resolve(entity.value, node.alert.first)
                known = named.get(host)
                if known is None or (":" in entity.value, entity.value) < (":" in known, known):
                    named[host] = entity.value
    return named


def _entities(nodes: Sequence[Node], context: CorrelationContext) -> tuple[Entity, ...]:
    best: dict[tuple[str, str], Entity] = {}
    count: Counter[tuple[str, str]] = Counter()
    for node in nodes:
        for entity in node.alert.entities:
            key = (entity.kind, entity.value)
            count[key] += 1
            known = best.get(key)
            if known is None or _ROLE_RANK[entity.role] < _ROLE_RANK[known.role]:
                internal = is_ours(entity, context)
                best[key] = Entity(entity.kind, entity.value, entity.role, internal)
    ordered = sorted(
        best.values(),
        key=lambda e: (
            _ROLE_RANK[e.role],
            not e.internal,
            -count[e.kind, e.value],
            e.kind,
            e.value,
        ),
    )
    return tuple(ordered[:ENTITIES_SHOWN])


def _stages(nodes: Sequence[Node]) -> tuple[Stage, ...]:
    alerts: defaultdict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        for tactic in node.part.tactics:
            alerts[tactic].append(node)
    return tuple(
        Stage(
            tactic,
            tuple(sorted({t for node in alerts[tactic] for t in node.alert.techniques})),
            min(node.alert.first for node in alerts[tactic]),
            tuple(node.alert.id for node in alerts[tactic]),
        )
        for tactic in in_order(set(alerts))
    )
