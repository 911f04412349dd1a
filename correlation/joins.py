"""Joins: the tree of links over an incident's alerts, told from its oldest alert outwards."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence

from correlation.clusters import Link
from correlation.entities import CorrelationContext
from correlation.joining import Node
from correlation.reasons import reason
from fengsui.incident import Join


def oriented(root: str, links: Sequence[Link]) -> list[tuple[str, Link]]:
    """Each alert but the root with the link to the one before it, nearer ones first."""
    beside: defaultdict[str, list[tuple[Link, str]]] = defaultdict(list)
    for link in links:
        beside[link.one].append((link, link.other))
        beside[link.other].append((link, link.one))
    found: list[tuple[str, Link]] = []
    reached = {root}
    waiting = deque([root])
    while waiting:
        for link, alert in sorted(beside[waiting.popleft()]):
            if alert not in reached:
                reached.add(alert)
                found.append((alert, link))
                waiting.append(alert)
    return found


def hanging_on(alert: str, root: str, links: Sequence[Link]) -> set[str]:
    """An alert and all that stand in the incident only through it; all of them for the root."""
    below: defaultdict[str, list[str]] = defaultdict(list)
    for child, link in oriented(root, links):
        below[link.other if link.one == child else link.one].append(child)
    found: set[str] = set()
    waiting = [alert]
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting += below[one]
    return found


def leaving(joins: Sequence[Join]) -> dict[str, int]:
    """How many alerts leave with each one that is told, itself included, when its join is undone."""
    found = {join.alert: 1 for join in joins}
    for join in reversed(
        joins
    ):  # told from the root outwards: what hangs on a join stands after it
        if join.to in found:
            found[join.to] += found[join.alert]
    return found


def joins_of(
    nodes: Sequence[Node],
    links: Sequence[Link],
    names: Mapping[str, str],
    context: CorrelationContext,
    most: int,
) -> tuple[Join, ...]:
    """Why each alert stands where it does.

    Args:
        nodes: of the incident, the oldest first.
        links: a tree over them.
        names: what people call a host of ours, by its canonical id.
        context: who had which address and name at the time of an alert.
        most: how many are told.
    """
    known = {node.alert.id: node for node in nodes}
    found: list[Join] = []
    for alert, link in oriented(nodes[0].alert.id, links)[:most]:
        to = link.other if link.one == alert else link.one
        value = names.get(link.value, link.value)
        why = reason(link, value, known[to], known[alert], context)
        found.append(Join(alert, to, link.kind, value, why))
    return tuple(found)
