"""The graph: which alerts of one run belong together.

Two alerts are joined when they share one of our hosts, or a thing outside that few of our hosts
share, within the window; and when one of our hosts acts on another which then acts itself (lateral
movement). What many touch joins nothing: a resolver, a proxy, a scanner, a content network. Groups
are the connected components, so they depend on the alerts alone, never on their order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from correlation.entities import CorrelationContext, Part, Token, part_of
from fengsui.alert import Alert
from fengsui.clock import MINUTE

HUB_SOURCES: Final = 8  # a host that more of ours act upon is a service, not a victim
FAN_OUT: Final = 6  # hosts that one rule sees one host act upon; beyond, it is a scan
SLACK: Final = MINUTE  # a victim may speak this long before the act on it was noticed

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Node:
    """An alert with its part in the graph."""

    alert: Alert
    part: Part


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

    def components(self, alerts: Iterable[str]) -> list[list[str]]:
        """Connected groups of these alerts, which must hold all alerts they could be joined with."""
        parent = {alert: alert for alert in alerts}

        def root(alert: str) -> str:
            while parent[alert] != alert:
                parent[alert] = parent[parent[alert]]
                alert = parent[alert]
            return alert

        tokens = {token for alert in parent for token in _tokens(self.nodes[alert].part)}
        for token in tokens:
            for one, other in self._links(token):
                if one in parent and other in parent:
                    parent[root(one)] = root(other)
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for alert in parent:
            groups[root(alert)].append(alert)
        return list(groups.values())

    def _links(self, token: Token) -> Iterable[tuple[str, str]]:
        """Pairs of alerts that this token joins: enough of them to connect all that it joins."""
        if not self._joins(token):
            return
        acting: list[Node] = []
        hit: list[Node] = []
        for alert_id in self._entries[token]:
            node = self.nodes[alert_id]
            is_hit = token[0] == "ours" and token[1] in node.part.hit
            (hit if is_hit else acting).append(node)
        acting.sort(key=lambda node: node.alert.first)
        clusters: list[tuple[int, int, str]] = []  # first, last, one alert
        for node in acting:
            alert = node.alert
            if clusters and alert.first - clusters[-1][1] <= self._window:
                first, last, member = clusters[-1]
                yield member, alert.id
                clusters[-1] = (first, max(last, alert.last), member)
            else:
                clusters.append((alert.first, alert.last, alert.id))
        for node in hit:
            if not self._is_narrow(node):
                continue
            earliest, latest = node.alert.first - SLACK, node.alert.last + self._window
            for first, last, member in clusters:
                if last >= earliest and first <= latest:
                    yield node.alert.id, member

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
        for host in part.acting:
            _add(self.hosts_of_rule, alert.rule, host, by)
            for token, _ in part.shared:
                _add(self._sharers, token, host, by)
            for target in part.hit:
                _add(self._sources, target, host, by)
                _add(self._targets, (host, alert.rule), target, by)


def _tokens(part: Part) -> list[Token]:
    ours: list[Token] = [("ours", host) for host in (*part.acting, *part.hit)]
    return ours + [token for token, _ in part.shared]


def _add(counts: defaultdict[K, Counter[str]], key: K, value: str, by: int) -> None:
    counter = counts[key]
    counter[value] += by
    if not counter[value]:
        del counter[value]
        if not counter:
            del counts[key]
