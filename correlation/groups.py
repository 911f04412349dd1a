"""The groups of alerts of one run: kept up to date batch by batch, touching only what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from correlation.clusters import Link
from correlation.entities import CorrelationContext, Token, subject_of
from correlation.folding import Folded, Folding
from correlation.incidents import LEARNING, build_incident, incident_id
from correlation.joining import Component, Graph
from correlation.scoring import COMMON_FULLY, Score, score
from fengsui.alert import Alert
from fengsui.clock import DAY
from fengsui.incident import Decision, Incident
from fengsui.loss import Losses

_ROOM: Final = 0.9  # evict down to this share, so that not each further alert evicts again


@dataclass(frozen=True, slots=True)
class Changes:
    """What a batch of alerts changed.

    Attributes:
        alerts: folded alerts that are new or changed.
        incidents: incidents that are new or changed and at or above the raising score, or that
            were above it before.
        absorbed: id of an incident that is no more → the incident that it went into.
        folded: id of an alert that is no more → the alert that it was counted into.
        withdrawn: ids of incidents that the same alerts, judged anew, no longer make; `loose`: of
            alerts that stood in what was there before.
    """

    alerts: tuple[Alert, ...] = ()
    incidents: tuple[Incident, ...] = ()
    absorbed: Mapping[str, str] = field(default_factory=dict[str, str])
    folded: Mapping[str, str] = field(default_factory=dict[str, str])
    withdrawn: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Group:
    """Alerts that belong together, whether or not they are worth a person's time yet."""

    id: str
    alerts: tuple[str, ...]
    links: tuple[Link, ...]
    first: int
    last: int
    scored: Score

    @property
    def rules(self) -> list[str]:
        return [part.name for part in self.scored[1] if part.alerts]


class Groups:
    """Alerts of one run with the groups they form; the raised ones as incidents."""

    def __init__(
        self,
        run: str,
        context: CorrelationContext,
        *,
        raise_at: float,
        window: int,
        alerts_kept: int,
        losses: Losses,
    ) -> None:
        self._run = run
        self._context = context
        self._raise_at = raise_at
        self._window = window
        self._alerts_kept = alerts_kept
        self._losses = losses
        self._folding = Folding(window, lambda alert: subject_of(alert, context), losses)
        self._graph = Graph(context, window)
        self._decisions: tuple[Decision, ...] = ()
        self._decided: set[str] = set()  # alerts that a person has placed
        self.began: int | None = None  # since when the site is known, ns
        self._groups: dict[str, _Group] = {}
        self._group_of: dict[str, str] = {}  # alert → group
        self._groups_of_rule: defaultdict[str, set[str]] = defaultdict(set)
        self._incidents: dict[str, Incident] = {}  # groups that were raised at some time

    def alerts(self) -> list[Alert]:
        """Folded alerts."""
        return [node.alert for node in self._graph.nodes.values()]

    def raised(self) -> list[Incident]:
        """Incidents at or above the raising score, and those that a person made."""
        return [
            incident
            for incident in self._incidents.values()
            if incident.score >= self._raise_at or not self._decided.isdisjoint(incident.alerts)
        ]

    def add(self, alerts: Sequence[Alert], now: int) -> Changes:
        """Take alerts of this run in. `now` in ns."""
        return self._take_in(self._folding.add(alerts), now)

    def take_up(self, alerts: Sequence[Alert], now: int) -> Changes:
        """Go on from folded alerts that were kept."""
        return self._take_in(self._folding.take_up(alerts), now)

    def _take_in(self, folded: Folded, now: int) -> Changes:
        counts = self._host_counts(folded)
        stale = {self._group_of[gone] for gone in folded.gone if gone in self._group_of}
        tokens: set[Token] = set()
        for gone in folded.gone:
            if gone in self._graph.nodes:
                tokens |= self._graph.remove(gone)
        for alert in folded.changed.values():
            tokens |= self._graph.put(alert)
        loose = set(folded.changed) | self._graph.sharing(tokens)
        before, fresh = self._regroup(loose, stale)
        fresh |= self._rescore(counts, fresh)
        changed = self._raise(fresh)
        absorbed = self._absorbed(before, folded.gone)
        self._evict(now)
        return Changes(tuple(folded.changed.values()), changed, absorbed, dict(folded.gone))

    def decide(self, decisions: Sequence[Decision]) -> Changes:
        """Obey these decisions, all that there are; a no-longer-known alert in them is passed over."""
        old = {d for d in self._decisions if d.stands}
        self._decisions = tuple(decisions)
        new = {d for d in decisions if d.stands}
        self._decided = {a for d in new for a in (*d.together, *d.apart)}
        touched = {a for d in old ^ new for a in (*d.together, *d.apart)}
        touched &= self._graph.nodes.keys()
        tokens = {token for alert in touched for token in self._graph.tokens(alert)}
        before, fresh = self._regroup(touched | self._graph.sharing(tokens), set())
        changed = self._raise(fresh)
        return Changes(incidents=changed, absorbed=self._absorbed(before, {}))

    def reweigh(self, rules: Collection[str]) -> Changes:
        """Score the groups of these rules again: how far they are trusted has changed."""
        names = {name for rule in rules for name in self._groups_of_rule[f"rule:{rule}"]}
        return Changes(incidents=self._raise({self._again(name) for name in names}))

    def incidents_of(self, alerts: Iterable[str]) -> list[Incident]:
        """The incidents that these alerts stand in now, weak ones too, the oldest first."""
        names = {self._group_of[alert] for alert in alerts if alert in self._group_of}
        found = [self._incident(self._groups[name]) for name in names]
        return sorted(found, key=lambda incident: (incident.first, incident.id))

    def _incident(self, group: _Group) -> Incident:
        nodes = [self._graph.nodes[alert] for alert in group.alerts]
        return build_incident(
            self._run, nodes, group.scored, self._context, group.links, self.began
        )

    def links_of(self, incident: str) -> tuple[Link, ...]:
        """What joins the alerts of an incident, as a tree."""
        group = self._groups.get(incident)
        return group.links if group else ()

    def _host_counts(self, folded: Folded) -> dict[str, int]:
        rules = {alert.rule for alert in folded.changed.values()}
        return {rule: len(self._graph.hosts_of_rule.get(rule, ())) for rule in rules}

    def _regroup(self, loose: set[str], stale: set[str]) -> tuple[list[_Group], set[str]]:
        """Form the groups of these alerts, and of all that they were grouped with, anew."""
        alerts, stale = self._reached(loose, stale)
        before = [self._take(group) for group in stale]
        decisions = self._decisions if alerts & self._decided else ()
        return before, {self._put(one) for one in self._graph.components(alerts, decisions)}

    def _reached(self, loose: set[str], stale: set[str]) -> tuple[set[str], set[str]]:
        """These alerts, those in their groups, and those that a decision names beside any of them."""
        alerts = set(loose)
        while True:
            stale = stale | {self._group_of[alert] for alert in alerts if alert in self._group_of}
            alerts.update(a for name in stale for a in self._groups[name].alerts)
            alerts &= self._graph.nodes.keys()
            if alerts.isdisjoint(self._decided):
                return alerts, stale
            named = {
                alert
                for decision in self._decisions
                if decision.stands and not alerts.isdisjoint((*decision.together, *decision.apart))
                for alert in (*decision.together, *decision.apart)
            }
            if alerts.issuperset(named & self._graph.nodes.keys()):
                return alerts, stale
            alerts |= named

    def _take(self, name: str) -> _Group:
        group = self._groups.pop(name)
        for alert in group.alerts:
            self._group_of.pop(alert, None)
        for rule in group.rules:
            self._groups_of_rule[rule].discard(name)
        return group

    def _again(self, name: str) -> str:
        group = self._take(name)
        return self._put(Component(list(group.alerts), list(group.links)))

    def _put(self, component: Component) -> str:
        nodes = [self._graph.nodes[alert] for alert in component.alerts]
        first = min(node.alert.first for node in nodes)
        learning = self.began is not None and first < self.began + LEARNING
        group = _Group(
            incident_id(self._run, nodes),
            tuple(component.alerts),
            tuple(component.links),
            first,
            max(node.alert.last for node in nodes),
            score(nodes, self._graph, self._context.trusted, learning=learning),
        )
        self._groups[group.id] = group
        for alert in group.alerts:
            self._group_of[alert] = group.id
        for rule in group.rules:
            self._groups_of_rule[rule].add(group.id)
        return group.id

    def _rescore(self, counts: Mapping[str, int], done: set[str]) -> set[str]:
        """Groups elsewhere whose rules have become more common, or rarer, since `counts`."""
        stale = self._habits_changed() - done
        for rule, old in counts.items():
            new = len(self._graph.hosts_of_rule.get(rule, ()))
            if new == old:
                continue
            for group in self._groups_of_rule[f"rule:{rule}"] - done:
                # Common enough before and after: nothing changes for this group.
                if min(old, new) - self._inside(group, rule) < COMMON_FULLY:
                    stale.add(group)
        return {self._again(group) for group in stale}

    def _habits_changed(self) -> set[str]:
        """Groups on whose hosts a rule spoke, or did not, on a day before them."""
        stale: set[str] = set()
        for rule, host, day in self._graph.changed_days:
            for alert in self._graph.sharing([("ours", host)]):
                node = self._graph.nodes[alert]
                name = self._group_of.get(alert, "")
                acts = node.alert.rule == rule and host in node.part.acting
                if acts and name and self._groups[name].first // DAY > day:
                    stale.add(name)
        self._graph.changed_days.clear()
        return stale

    def _inside(self, group: str, rule: str) -> int:
        nodes = (self._graph.nodes[alert] for alert in self._groups[group].alerts)
        return len({host for n in nodes if n.alert.rule == rule for host in n.part.acting})

    def _raise(self, fresh: set[str]) -> tuple[Incident, ...]:
        """Write the incidents of groups that are raised, or were; those that differ from before."""
        changed: list[Incident] = []
        for name in fresh:
            group = self._groups[name]
            weak = group.scored[0] < self._raise_at and name not in self._incidents
            if weak and self._decided.isdisjoint(group.alerts):
                continue
            incident = self._incident(group)
            if self._incidents.get(name) != incident:
                self._incidents[name] = incident
                changed.append(incident)
        return tuple(sorted(changed, key=lambda incident: (incident.first, incident.id)))

    def _absorbed(self, before: Sequence[_Group], gone: Mapping[str, str]) -> dict[str, str]:
        """Where incidents went whose oldest alert now belongs to an older group."""
        found: dict[str, str] = {}
        for old in before:
            if old.id in self._groups or self._incidents.pop(old.id, None) is None:
                continue
            heirs = (self._group_of.get(gone.get(alert, alert)) for alert in old.alerts)
            heir = next((group for group in heirs if group), None)
            if heir:
                found[old.id] = heir
        return found

    def _evict(self, now: int) -> None:
        """Let groups go until the bound holds: those that time has closed first, the oldest first."""
        if len(self._graph.nodes) <= self._alerts_kept:
            return
        excess = len(self._graph.nodes) - int(self._alerts_kept * _ROOM)
        for group in sorted(self._groups.values(), key=lambda group: (group.last, group.id)):
            if excess <= 0:
                break
            closed = group.last < now - self._window
            name = "correlation.alerts_closed" if closed else "correlation.alerts_evicted"
            self._losses.add(name, len(group.alerts))
            excess -= len(group.alerts)
            self._take(group.id)
            self._incidents.pop(group.id, None)
            self._folding.drop(self._graph.nodes[alert].alert for alert in group.alerts)
            for alert in group.alerts:
                self._graph.remove(alert)
