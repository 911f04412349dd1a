"""The graph: which alerts of one run belong together.

Two alerts are joined when they share one of our hosts, or a thing outside that few of our hosts
share, within the window; and when one of our hosts acts on another which then acts itself (lateral
movement). What many touch joins nothing: a resolver, a proxy, a scanner, a content network. Groups
are the connected components, so they depend on the alerts alone, never on their order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from correlation.clusters import Clusters, Link
from correlation.entities import CorrelationContext, Part, Token, part_of
from fengsui.alert import Alert
from fengsui.clock import DAY, MINUTE
from fengsui.incident import Decision

HUB_SOURCES: Final = 8  # a host that more of ours act upon is a service, not a victim
FAN_OUT: Final = 6  # hosts that one rule sees one host act upon; beyond, it is a scan
SLACK: Final = MINUTE  # a victim may speak this long before the act on it was noticed

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Node:
    """An alert with its part in the graph."""

    alert: Alert
    part: Part


@dataclass(frozen=True, slots=True)
class Component:
    """Alerts that belong together, with the links that say why: a tree over them."""

    alerts: list[str]
    links: list[Link]


@dataclass(slots=True)
class _Spell:
    """Alerts that one thing joins in a row, none further from those before than the window."""

    alerts: list[Alert]
    last: int

    def take(self, alert: Alert) -> None:
        self.alerts.append(alert)
        self.last = max(self.last, alert.last)


class Graph:
    """Alerts of one run, indexed by what can join them."""

    def __init__(self, context: CorrelationContext, window: int) -> None:
        self._context = context
        self._window = window
        self.nodes: dict[str, Node] = {}
        self._entries: defaultdict[Token, set[str]] = defaultdict(set)
        # Reference counts, so that taking an alert out undoes exactly what it brought.
        self._sources: defaultdict[str, Counter[str]] = defaultdict(Counter)  # hit host → by whom
        self._targets: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._sharers: defaultdict[Token, Counter[str]] = defaultdict(Counter)
        self._limits: dict[Token, int] = {}
        self.hosts_of_rule: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.days_of_rule: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        self.changed_days: set[tuple[str, str, int]] = set()  # since somebody emptied it

    def put(self, alert: Alert) -> set[Token]:
        """Insert or replace an alert; the tokens through which groups may have changed."""
        old = self.nodes.get(alert.id)
        touched = self.remove(alert.id) if old else set[Token]()
        part = part_of(alert, self._context)
        alive = {token for token in _tokens(part) if self._joins(token)}
        self.nodes[alert.id] = Node(alert, part)
        self._count(alert, part, 1)
        for token, limit in part.shared:
            self._limits[token] = max(limit, self._limits.get(token, 0))
        for token in _tokens(part):
            self._entries[token].add(alert.id)
        # A token that joined nothing before and joins nothing now cannot change a group.
        return touched | alive | {token for token in _tokens(part) if self._joins(token)}

    def remove(self, alert_id: str) -> set[Token]:
        """Take an alert out; the tokens through which groups may have changed."""
        node = self.nodes.pop(alert_id)
        tokens = _tokens(node.part)
        touched = {token for token in tokens if self._joins(token)}
        self._count(node.alert, node.part, -1)
        for token in tokens:
            self._entries[token].discard(alert_id)
            if not self._entries[token]:
                del self._entries[token]
                self._limits.pop(token, None)
        return touched | {token for token in tokens if self._joins(token)}

    def sharing(self, tokens: Iterable[Token]) -> set[str]:
        """Alerts that have one of these tokens."""
        found: set[str] = set()
        for token in tokens:
            found |= self._entries.get(token, set())
        return found

    def components(
        self, alerts: Iterable[str], decisions: Sequence[Decision] = ()
    ) -> list[Component]:
        """Connected groups of these alerts, which must hold all alerts they could be joined with."""
        clusters = Clusters(sorted(alerts), decisions)
        tokens = {token for group in clusters.groups() for a in group for token in self.tokens(a)}
        links = {
            link
            for token in tokens
            for link in self._links(token)
            if link.one in clusters and link.other in clusters
        }
        for link in sorted(links):
            clusters.join(link)
        found = {clusters.root(group[0]): Component(group, []) for group in clusters.groups()}
        for link in clusters.links:
            found[clusters.root(link.one)].links.append(link)
        return list(found.values())

    def tokens(self, alert: str) -> list[Token]:
        """What could join an alert with others."""
        return _tokens(self.nodes[alert].part)

    def _links(self, token: Token) -> Iterator[Link]:
        """What this token joins: enough pairs to connect all of it, even where some are refused."""
        if not self._joins(token):
            return
        acting: list[Alert] = []
        hit: list[Node] = []
        for alert_id in self._entries[token]:
            node = self.nodes[alert_id]
            if token[0] == "ours" and token[1] in node.part.hit:
                hit.append(node)
            else:
                acting.append(node.alert)
        acting.sort(key=lambda alert: (alert.first, alert.id))
        kind = "host" if token[0] == "ours" else token[0]
        spells: list[_Spell] = []
        for alert in acting:
            if spells and alert.first - spells[-1].last <= self._window:
                spell = spells[-1]
                for other in {
                    spell.alerts[0].id: spell.alerts[0],
                    spell.alerts[-1].id: spell.alerts[-1],
                }.values():
                    yield _link(other, alert, kind, token[1])
                spell.take(alert)
            else:
                spells.append(_Spell([alert], alert.last))
        for node in hit:
            if self._is_narrow(node):
                yield from self._moved(node.alert, spells, token[1])

    def _moved(self, alert: Alert, spells: Sequence[_Spell], host: str) -> Iterator[Link]:
        """From an act upon a host to what that host did about then and afterwards."""
        earliest, latest = alert.first - SLACK, alert.last + self._window
        for spell in spells:
            if spell.last >= earliest and spell.alerts[0].first <= latest:
                yield _link(alert, spell.alerts[0], "moved", host)
                after = bisect_left(spell.alerts, earliest, key=lambda one: one.first)
                if 0 < after < len(spell.alerts):
                    yield _link(alert, spell.alerts[after], "moved", host)

    def _joins(self, token: Token) -> bool:
        if token[0] == "ours":
            return len(
                self._sources.get(token[1], ())
            ) <= HUB_SOURCES and not self._context.is_shared(token[1])
        return len(self._sharers.get(token, ())) <= self._limits.get(token, 0)

    def _is_narrow(self, node: Node) -> bool:
        return all(
            len(self._targets[host, node.alert.rule]) <= FAN_OUT for host in node.part.acting
        )

    def _count(self, alert: Alert, part: Part, by: int) -> None:
        day = alert.first // DAY
        for host in part.acting:
            _add(self.hosts_of_rule, alert.rule, host, by)
            key = (alert.rule, host)
            known = day in self.days_of_rule.get(key, ())
            _add(self.days_of_rule, key, day, by)
            if known != (day in self.days_of_rule.get(key, ())):
                self.changed_days.add((alert.rule, host, day))
            for token, _ in part.shared:
                _add(self._sharers, token, host, by)
            for target in part.hit:
                _add(self._sources, target, host, by)
                _add(self._targets, (host, alert.rule), target, by)


def _tokens(part: Part) -> list[Token]:
    ours: list[Token] = [("ours", host) for host in (*part.acting, *part.hit)]
    return ours + [token for token, _ in part.shared]


def _link(one: Alert, other: Alert, kind: str, value: str) -> Link:
    gap = max(0, one.first - other.last, other.first - one.last)
    return Link(gap, kind, value, min(one.id, other.id), max(one.id, other.id))


def _add(counts: defaultdict[K, Counter[V]], key: K, value: V, by: int) -> None:
    counter = counts[key]
    counter[value] += by
    if not counter[value]:
        del counter[value]
        if not counter:
            del counts[key]
