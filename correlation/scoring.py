"""Risk of a group of alerts as a sum of named parts.

    points of an alert   severity × fidelity × novelty
    points of a rule     its worst alert on each host, worst first, the i-th divided by i^1.5
    rules together       worst first, the j-th divided by j
    stages               8 for each further ATT&CK tactic reached in order
    criticality          15 % of the rules for each level above 1 of the most critical host
    spread               3 × log2 of our acting hosts, where two or more rules speak
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
from collections.abc import Mapping, Sequence
from typing import Final

from correlation.joining import Node
from fengsui.attack import TACTIC_ORDER
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
STAGE_POINTS: Final = 8.0
CRITICALITY_SHARE: Final = 0.15
SPREAD_POINTS: Final = 3.0
CERTAIN: Final = 0.9  # a rule that is nearly always right is not less right for being right often
COMMON_FROM: Final = 2  # other hosts on which a rule may fire before it counts as common
COMMON_FULLY: Final = 16

Score = tuple[float, tuple[ScorePart, ...]]  # 0–100, and what adds up to it

_RANK: Final = {tactic: rank for rank, tactic in enumerate(TACTIC_ORDER)}


def novelty(outside: int, fidelity: float) -> float:
    """1 for a rule seen on no more than two hosts outside the group, falling to 0.35 at sixteen."""
    if fidelity >= CERTAIN or outside <= COMMON_FROM:
        return 1.0
    return math.sqrt(COMMON_FROM / min(outside, COMMON_FULLY))


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


def score(nodes: Sequence[Node], hosts_of_rule: Mapping[str, Counter[str]]) -> Score:
    """Score of 0–100 and the parts that add up to it, to the hundredth of a point."""
    acting = {host for node in nodes for host in node.part.acting}
    rules = _rules(nodes, hosts_of_rule)
    parts = [
        (
            f"rule:{rule}",
            points / place,
            Text(
                "correlation.part.rule",
                {
                    "severity": SEVERITY_WORDS[worst.alert.severity],
                    "severity_en": worst.alert.severity.word,
                    "alerts": len(ids),
                    "fidelity": worst.alert.fidelity,
                    "place": place,
                },
            ),
            tuple(sorted(ids)),
        )
        for place, (points, rule, worst, ids) in enumerate(rules, 1)
    ]
    base = math.fsum(points for _, points, _, _ in parts)
    chain = stages_in_order(nodes)
    if chain > 1:
        why = Text("correlation.part.stages", {"stages": chain})
        parts.append(("stages", STAGE_POINTS * (chain - 1), why, ()))
    level = max((node.part.criticality for node in nodes), default=1)
    if level > 1:
        why = Text("correlation.part.criticality", {"level": level})
        parts.append(("criticality", base * CRITICALITY_SHARE * (level - 1), why, ()))
    if len(acting) > 1 and len(rules) > 1:
        why = Text("correlation.part.spread", {"hosts": len(acting)})
        parts.append(("spread", SPREAD_POINTS * math.log2(len(acting)), why, ()))
    return _rounded(parts)


_Rule = tuple[float, str, Node, list[str]]


def _rules(nodes: Sequence[Node], hosts_of_rule: Mapping[str, Counter[str]]) -> list[_Rule]:
    """Rules of the group, worst first: points, id, worst alert, alert ids."""
    by_rule: defaultdict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        by_rule[node.alert.rule].append(node)
    found: list[_Rule] = []
    for rule, members in by_rule.items():
        inside = {host for node in members for host in node.part.acting}
        outside = len(hosts_of_rule.get(rule, ())) - len(inside)
        weighed = sorted(
            ((_points(node, outside), node.alert.id, node) for node in members),
            key=lambda item: (-item[0], item[1]),
        )
        by_host: dict[tuple[str, ...], float] = {}
        for value, _, node in weighed:
            by_host.setdefault(node.part.acting, value)  # the worst of each host stands first
        points = math.fsum(value / place**1.5 for place, value in enumerate(by_host.values(), 1))
        found.append((points, rule, weighed[0][2], [node.alert.id for node in members]))
    return sorted(found, key=lambda item: (-item[0], item[1]))


def _points(node: Node, outside: int) -> float:
    alert = node.alert
    fidelity = min(max(alert.fidelity, 0.0), 1.0)
    return SEVERITY_POINTS[alert.severity] * fidelity * novelty(outside, fidelity)


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
