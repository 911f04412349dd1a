"""Fidelity: how often the alerts of a rule are right."""

from __future__ import annotations

from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.loaded import LoadedRule
from fengsui.severity import Severity

_OF_LEVEL = {
    Severity.CRITICAL: 0.9,
    Severity.HIGH: 0.8,
    Severity.MEDIUM: 0.6,
    Severity.LOW: 0.35,
    Severity.INFO: 0.15,
}
_OF_STATUS = {
    "stable": 1.0,
    "test": 0.9,
    "experimental": 0.7,
    "deprecated": 0.5,
    "unsupported": 0.4,
}


def fidelity(rule: LoadedRule | LoadedCorrelation) -> float:
    """How often an alert of this rule is right: the author's figure, else by level and status."""
    if rule.fidelity is not None:
        return rule.fidelity
    return _OF_LEVEL[rule.severity] * _OF_STATUS.get(rule.status, 0.7)
