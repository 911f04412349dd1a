"""Rules are needed, live and in a sound order (L3-ABS1-06)."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.device import steps
from detections.compliance.assets.device.facts import Fault, Rule
from detections.compliance.assets.device.rules import anything, covered
from detections.compliance.assets.judging import Step

CHECK: Final = steps.check("rule_order", "L3-ABS1-06")
_COMPARED: Final = 1000  # rules of one list that are compared with each other


def judge(asset: AssetEvidence) -> list[Step]:
    """Rules another one takes all of, and lists nothing refers to; hits and approvals stay open."""
    facts = steps.facts_of(asset)
    lists: dict[str, list[Rule]] = {}
    used = facts.bound | {way.sources for way in facts.ways}
    for rule in facts.rules:
        if rule.list not in facts.lists or rule.list in used:
            lists.setdefault(rule.list, []).append(rule)
    faults = [Fault("unused_list", {"list": name}, line) for name, line in facts.unused]
    faults += [*facts.dangling, *facts.dangling_objects]
    for rules in lists.values():
        if len(rules) <= _COMPARED:
            faults += [_shadowed(rule, taker) for rule, taker in covered(rules)]
    faults += [
        steps.rule_fault("any_any", rule)
        for rule in steps.boundary_rules(facts)
        if rule.permit and anything(rule)
    ]
    found = [*steps.failed(asset, faults), steps.opened("hits_and_approvals")]
    if any(len(rules) > _COMPARED for rules in lists.values()):
        found.append(steps.opened("list_too_long", most=_COMPARED))
    return found


def _shadowed(rule: Rule, taker: Rule) -> Fault:
    key = "shadowed" if rule.permit == taker.permit else "shadowed_against"
    return Fault(key, {"list": rule.list, "rule": rule.name, "by": taker.name}, rule.line)
