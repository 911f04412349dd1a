"""Clusters: which alerts are one group, where people have decided that some are or never are.

A union-find whose unions may be refused. Decisions are taken newest first: the newer one wins over
an older one that contradicts it, and links that correlation finds come after all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fengsui.incident import Decision

ANALYST = "analyst"


class Link(NamedTuple):
    """Two alerts that something joins; sorted, the nearest in time come first.

    `gap` is the ns between them, `kind` and `value` what they have in common.
    """

    gap: int
    kind: str
    value: str
    one: str
    other: str


class Clusters:
    """Alerts, each alone at first; then the decisions are applied.

    Attributes:
        links: what joined them so far, a forest over the alerts.
    """

    def __init__(self, alerts: Iterable[str], decisions: Sequence[Decision] = ()) -> None:
        self._parent = {alert: alert for alert in alerts}
        self._sides: dict[str, set[tuple[int, bool]]] = {}
        self.links: list[Link] = []
        newest = sorted(decisions, key=lambda d: (-d.at, d.id))
        for number, decision in enumerate(newest):
            if decision.stands:
                self._decide(number, decision)

    def __contains__(self, alert: str) -> bool:
        return alert in self._parent

    def join(self, link: Link) -> bool:
        """Make two alerts' groups one; False where they are one already, or may not be."""
        one, other = self._root(link.one), self._root(link.other)
        if one == other:
            return False
        ours, theirs = self._sides.get(one, set()), self._sides.get(other, set())
        if any((number, not side) in theirs for number, side in ours):
            return False
        self._parent[one] = other
        if ours:
            self._sides[other] = ours | theirs
        self.links.append(link)
        return True

    def groups(self) -> list[list[str]]:
        """The alerts of each group."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for alert in self._parent:
            found[self._root(alert)].append(alert)
        return list(found.values())

    def root(self, alert: str) -> str:
        """One alert that stands for the group of another."""
        return self._root(alert)

    def _decide(self, number: int, decision: Decision) -> None:
        sides = ((True, decision.together), (False, decision.apart))
        for _, alerts in sides:
            present = [alert for alert in alerts if alert in self._parent]
            for alert in present[1:]:
                self.join(Link(0, ANALYST, decision.by, present[0], alert))
        roots = {side: {self._root(a) for a in alerts if a in self} for side, alerts in sides}
        if roots[True] & roots[False]:
            return  # a newer decision has joined them
        for side, found in roots.items():
            for root in found:
                self._sides.setdefault(root, set()).add((number, side))

    def _root(self, alert: str) -> str:
        parent = self._parent
        while parent[alert] != alert:
            parent[alert] = parent[parent[alert]]
            alert = parent[alert]
        return alert
