"""Risk of a group of alerts as a sum of named parts.

    points of an alert   severity × fidelity (as learned from verdicts) × novelty (hosts and days)
    points of a rule     its worst alert on each host, worst first, the i-th divided by i^1.5
    rules together       worst first, the j-th divided by j
    stages               12 for each further ATT&CK tactic reached in order, at most as much as the rules
    kinds                8 × fidelity × novelty for each further rule, at most what stages left of that
    repeats              1 for each tenfold of the most repeated alert, at most 5
    criticality          15 % of the rules for each level above 1 of the most critical host
    spread               3 × log2 of our acting hosts, where two or more rules speak
    learning             what is missing to a medium incident, where the site is known for less than a day
                         and a medium alert that is fairly sure is new to it
    cap                  what is above 100, taken off

Adding an alert to a group never lowers its score: each step is monotone, and novelty counts only
hosts outside the group. The shape follows the diminishing sum of Elastic's entity risk score. The
weights are set so that one alert alone comes to the severity below its own (a high one to medium),
and so that a medium alert is raised alone only when it is fairly sure and spans two tactics; they
were checked on infection captures that they had seen.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from correlation.joining import Node
from fengsui.alert import Alert
from fengsui.attack import TACTIC_ORDER
from fengsui.clock import DAY
from fengsui.incident import ScorePart
from fengsui.severity import Severity
from fengsui.text import Text

SEVERITY_POINTS: Final = {
    Severity.INFO: 2.0,
    Severity.LOW: 10.0,
    Severity.MEDIUM: 38.0,
    Severity.HIGH: 60.0,
    Severity.CRITICAL: 85.0,
}
SEVERITY_WORDS: Final = dict(zip(Severity, ("提示", "低危", "中危", "高危", "严重"), strict=True))
STAGE_POINTS: Final = 12.0
KIND_POINTS: Final = 8.0
REPEATS_MOST: Final = 5
CRITICALITY_SHARE: Final = 0.15
SPREAD_POINTS: Final = 3.0
LEARNING_LEAST: Final = 40.0  # points of a medium incident: nothing tells yet that it is usual here
FAIRLY_SURE: Final = 0.4  # fidelity: of five such alerts two are true
CERTAIN: Final = 0.9  # a rule that is nearly always right is not less right for being right often
COMMON_FROM: Final = 2  # other hosts on which a rule may fire before it counts as common
COMMON_FULLY: Final = 16

Score = tuple[float, tuple[ScorePart, ...]]  # 0–100, and what adds up to it
Trusted = Callable[[str, float], float]  # rule, its stated fidelity → how far it is trusted


class Seen(Protocol):
    """What a run has shown: hosts by rule, and days by rule and host."""

    @property
    def hosts_of_rule(self) -> Mapping[str, Counter[str]]:
        """Alerts of a rule by host."""
        ...

    @property
    def days_of_rule(self) -> Mapping[tuple[str, str], Counter[int]]:
        """Alerts of a rule on a host by day."""
        ...


def _stated(_rule: str, fidelity: float) -> float:
    return fidelity


_RANK: Final = {tactic: rank for rank, tactic in enumerate(TACTIC_ORDER)}


def novelty(outside: int, fidelity: float, days: int = 0) -> float:
    """1 for what this site has hardly shown yet, falling to 0.35 for what it shows often.

    Args:
        outside: hosts outside the group on which the rule spoke; common from the third to the 16th.
        fidelity: how sure the rule is; what is nearly certain stays new.
        days: earlier days on which it spoke on the same host; usual from the third to the 16th.
    """
    often = max(outside, days)
    if fidelity >= CERTAIN or often <= COMMON_FROM:
        return 1.0
    return math.sqrt(COMMON_FROM / min(often, COMMON_FULLY))


def stages_in_order(nodes: Sequence[Node]) -> int:
    """Length of the longest chain of tactics, each in ATT&CK order and not over before the one before."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for node in nodes:
        for tactic in node.part.tactics:
            rank = _RANK[tactic]
            first[rank] = min(first.get(rank, node.alert.first), node.alert.first)
            last[rank] = max(last.get(rank, node.alert.last), node.alert.last)
    longest: dict[int, int] = {}
    for rank in sorted(first):
        before = [longest[r] for r in longest if first[r] <= last[rank]]
        longest[rank] = 1 + max(before, default=0)
    return max(longest.values(), default=0)


def score(
    nodes: Sequence[Node], seen: Seen, trusted: Trusted = _stated, *, learning: bool = False
) -> Score:
    """Score of 0–100 and the parts that add up to it, to the hundredth of a point.

    Args:
        nodes: the alerts of one group.
        seen: what the run has shown besides.
        trusted: how far a rule is trusted by what people said of it.
        learning: whether too little is known of the site to tell what is usual there.
    """
    acting = {host for node in nodes for host in node.part.acting}
    rules = _rules(nodes, seen, trusted)
    parts = [
        (
            f"rule:{found.rule}",
            found.points / place,
            _why(found, place),
            tuple(sorted(found.alerts)),
        )
        for place, found in enumerate(rules, 1)
    ]
    base = math.fsum(points for _, points, _, _ in parts)
    chain = stages_in_order(nodes)
    stages = min(STAGE_POINTS * max(chain - 1, 0), base)
    kinds = KIND_POINTS * math.fsum(sorted(found.weight for found in rules)[:-1])
    if chain > 1:
        why = Text("correlation.part.stages", {"stages": chain})
        parts.append(("stages", stages, why, ()))
    if len(rules) > 1:
        why = Text("correlation.part.kinds", {"kinds": len(rules)})
        parts.append(("kinds", min(kinds, base - stages), why, ()))
    count = max((node.alert.count for node in nodes), default=1)
    tenfold = min(len(str(count)) - 1, REPEATS_MOST)
    if tenfold:
        why = Text("correlation.part.repeats", {"count": count})
        parts.append(("repeats", min(float(tenfold), base), why, ()))
    level = max((node.part.criticality for node in nodes), default=1)
    if level > 1:
        why = Text("correlation.part.criticality", {"level": level})
        parts.append(("criticality", base * CRITICALITY_SHARE * (level - 1), why, ()))
    if len(acting) > 1 and len(rules) > 1:
        why = Text("correlation.part.spread", {"hosts": len(acting)})
        parts.append(("spread", SPREAD_POINTS * math.log2(len(acting)), why, ()))
    missing = LEARNING_LEAST - math.fsum(points for _, points, _, _ in parts)
    if learning and missing > 0 and any(found.sure for found in rules):
        parts.append(("learning", missing, Text("correlation.part.learning", {}), ()))
    return _rounded(parts)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule of a group; `fidelity` and `novelty` are those of its worst alert.

    `weight`: the most fidelity × novelty of its alerts; `sure`: it has a fairly sure alert of medium
    severity or above that the site has hardly shown yet.
    """

    rule: str
    points: float
    worst: Alert
    fidelity: float
    novelty: float
    alerts: list[str]
    weight: float
    sure: bool


def _why(found: _Rule, place: int) -> Text:
    severity = found.worst.severity
    return Text(
        "correlation.part.rule",
        {
            "severity": SEVERITY_WORDS[severity],
            "severity_en": severity.word,
            "points": SEVERITY_POINTS[severity],
            "alerts": len(found.alerts),
            "fidelity": round(found.fidelity, 2),
            "novelty": round(found.novelty, 2),
            "place": place,
        },
    )


def _rules(nodes: Sequence[Node], seen: Seen, trusted: Trusted) -> list[_Rule]:
    """Rules of the group, worst first."""
    by_rule: defaultdict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        by_rule[node.alert.rule].append(node)
    began = min(node.alert.first for node in nodes) // DAY
    found: list[_Rule] = []
    for rule, members in by_rule.items():
        inside = {host for node in members for host in node.part.acting}
        outside = len(seen.hosts_of_rule.get(rule, ())) - len(inside)
        days = {
            host: sum(day < began for day in seen.days_of_rule.get((rule, host), ()))
            for host in inside
        }
        weighed: list[tuple[float, str, Node, float, float]] = []
        for node in members:
            fidelity = min(max(trusted(rule, node.alert.fidelity), 0.0), 1.0)
            usual = min((days[host] for host in node.part.acting), default=0)
            new = novelty(outside, fidelity, usual)
            points = SEVERITY_POINTS[node.alert.severity] * fidelity * new
            weighed.append((points, node.alert.id, node, fidelity, new))
        weighed.sort(key=lambda item: (-item[0], item[1]))
        by_host: dict[tuple[str, ...], float] = {}
        for value, _, node, _, _ in weighed:
            by_host.setdefault(node.part.acting, value)  # the worst of each host stands first
        points = math.fsum(value / place**1.5 for place, value in enumerate(by_host.values(), 1))
        _, _, worst, fidelity, new = weighed[0]
        alerts = [node.alert.id for node in members]
        sure = any(
            trust >= FAIRLY_SURE and rare == 1.0 and node.alert.severity >= Severity.MEDIUM
            for _, _, node, trust, rare in weighed
        )
        weight = max(trust * rare for _, _, _, trust, rare in weighed)
        found.append(_Rule(rule, points, worst.alert, fidelity, new, alerts, weight, sure))
    return sorted(found, key=lambda one: (-one.points, one.rule))


def _rounded(
    parts: Sequence[tuple[str, float, Text, tuple[str, ...]]],
) -> Score:
    """Hundredths such that the shown parts add up to the shown score: the running sum is rounded."""
    shown: list[ScorePart] = []
    total, so_far = 0.0, 0
    for name, points, why, alerts in parts:
        total += points
        cents = round(total * 100)
        shown.append(ScorePart(name, (cents - so_far) / 100, why, alerts))
        so_far = cents
    if so_far > 10_000:
        why = Text("correlation.part.cap", {})
        shown.append(ScorePart("cap", (10_000 - so_far) / 100, why))
        so_far = 10_000
    return so_far / 100, tuple(shown)
