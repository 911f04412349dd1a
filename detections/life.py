"""Which rules may raise: drafts and retired rules do not, a parked one waits, the others speak with the
fidelity of their state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.loader import Loaded, LoadedRule
from fengsui.store.rule_states import RuleLife, RuleState

AnyRule = LoadedRule | LoadedCorrelation
AnyRuleT = TypeVar("AnyRuleT", LoadedRule, LoadedCorrelation)
_OF_STATUS: Final[dict[str, RuleState]] = {
    "stable": "stable",
    "test": "experimental",
    "experimental": "experimental",
    "deprecated": "retired",
    "unsupported": "retired",
}
RAISING: Final[tuple[RuleState, ...]] = ("experimental", "stable")


def every(loaded: Loaded) -> list[AnyRule]:
    """Rules and correlations."""
    found: list[AnyRule] = list(loaded.rules)
    found += loaded.correlations
    return found


def state_of(status: str, life: RuleLife | None) -> RuleState:
    """State of a rule: what people decided, else what the Sigma status of its file means."""
    if life is not None and life.state is not None:
        return life.state
    return _OF_STATUS.get(status, "experimental")


def may_raise(status: str, life: RuleLife | None) -> bool:
    """Whether its matches become alerts."""
    return state_of(status, life) in RAISING and not (life is not None and life.parked)


def raising(loaded: Loaded, lives: Mapping[str, RuleLife]) -> Loaded:
    """The rules that may raise, and those that a correlation among them needs.

    What a correlation names serves it as a draft or retired too, as long as it raises nothing itself
    (`generate` is false); what is parked does not run at all. A rule that people moved to experimental
    or stable gets that as its status, from which its fidelity follows.
    """
    correlations = [one for one in loaded.correlations if may_raise(one.status, lives.get(one.id))]
    needed = _named(correlations)
    waiting = [one for one in loaded.correlations if one not in correlations]
    while found := [one for one in waiting if _serves(one, needed, lives)]:
        correlations += found
        needed |= _named(found)
        waiting = [one for one in waiting if one not in found]
    rules = (
        one
        for one in loaded.rules
        if may_raise(one.status, lives.get(one.id)) or _serves(one, needed, lives)
    )
    return replace(
        loaded,
        rules=tuple(_stated(one, lives) for one in rules),
        correlations=tuple(_stated(one, lives) for one in correlations),
    )


def _named(correlations: Iterable[LoadedCorrelation]) -> set[str]:
    """Ids and names of what correlations count without letting it speak."""
    return {name for one in correlations if not one.generate for name in one.rules}


def _serves(one: AnyRule, needed: set[str], lives: Mapping[str, RuleLife]) -> bool:
    life = lives.get(one.id)
    return not needed.isdisjoint({one.id, one.name}) and not (life is not None and life.parked)


def _stated(one: AnyRuleT, lives: Mapping[str, RuleLife]) -> AnyRuleT:
    life = lives.get(one.id)
    return replace(one, status=life.state) if life is not None and life.state in RAISING else one
