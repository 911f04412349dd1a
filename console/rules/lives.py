"""States of rules: draft, experimental, stable, retired; and parking. Each decision has a reason.

Whoever decides says which revision was looked at; when somebody else was faster nothing is written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from console.rules.checking import CheckedText, Kept, check_text
from console.rules.loading import RuleFile, RuleLibrary, RuleSet
from detections.life import RAISING, AnyRule, state_of
from fengsui.errors import BusyError, InputError, NotFoundError
from fengsui.store.rule_states import RuleLife, RuleState, RuleStep, RuleVersion
from fengsui.store.state import State

_STEPS: Final[dict[RuleState, tuple[RuleState, ...]]] = {
    "draft": ("experimental", "retired"),
    "experimental": ("stable", "retired", "draft"),
    "stable": ("experimental", "retired"),
    "retired": ("experimental", "draft"),
}


class RuleConflictError(BusyError):
    """Somebody else was faster; both texts (or states) to look at."""

    def __init__(
        self,
        error: BusyError,
        yours: str,
        theirs: str,
        base: str,
        newest: RuleVersion | RuleLife | None,
    ) -> None:
        super().__init__(error.what, where=error.where, next=error.next, code=error.code)
        self.yours = yours
        self.theirs = theirs
        self.base = base
        self.newest = newest


class RuleLives:
    """Decisions about rules."""

    def __init__(self, state: State, library: RuleLibrary) -> None:
        self._state = state
        self._library = library

    def set_state(
        self, rule: str, state: RuleState, by: str, reason: str, revision: int | None
    ) -> RuleLife:
        """A step of a rule's life.

        Raises:
            InputError: no reason, a step that is not allowed (`bad_step`), a sample that fails.
            RuleConflictError: somebody decided since `revision`.
        """
        known, found = self._find(rule)
        life = known.lives.get(rule)
        before = state_of(found.status, life)
        _needs(reason)
        if state == before:
            raise _bad_step(rule, before, state)
        if state not in _STEPS[before]:
            raise _bad_step(rule, before, state)
        if before == "draft" and state in RAISING:
            file = self.file(rule)
            self._samples_hold(check_text(file.text, known, self.kept(file.ids)))
        decided = replace(self._state.rule_life(rule), state=state)
        return self._decide(
            RuleStep(rule, 0, "state", before, state, by, 0, reason), decided, revision
        )

    def park(
        self, rule: str, by: str, reason: str, revision: int | None, *, engine: bool = False
    ) -> RuleLife:
        """Stop a rule; raises as `set_state`, and `bad_step` where it is parked already."""
        life = self._parkable(rule, reason, parked=False)
        parked = replace(
            life, parked=True, parked_by=by, parked_reason=reason, parked_at=0, engine=engine
        )
        step = RuleStep(rule, 0, "park", "running", "parked", by, 0, reason)
        return self._decide(step, parked, revision)

    def unpark(self, rule: str, by: str, reason: str, revision: int | None) -> RuleLife:
        """Let a parked rule run again; raises as `park`."""
        life = self._parkable(rule, reason, parked=True)
        freed = replace(
            life, parked=False, parked_by="", parked_reason="", parked_at=0, engine=False
        )
        step = RuleStep(rule, 0, "unpark", "parked", "running", by, 0, reason)
        return self._decide(step, freed, revision)

    def file(self, rule: str) -> RuleFile:
        """The file of a rule; raises NotFoundError."""
        found = self._library.current().file(rule)
        if found is None:
            raise _no_rule(rule)
        return found

    def kept(self, ids: tuple[str, ...]) -> Kept:
        """Samples beside rules."""
        return {
            id_: [(one.kind, one.number, one.event) for one in self._state.samples(id_)]
            for id_ in ids
        }

    def _find(self, rule: str) -> tuple[RuleSet, AnyRule]:
        known = self._library.current()
        for one in known.all:
            if one.id == rule:
                return known, one
        raise _no_rule(rule)

    def _parkable(self, rule: str, reason: str, *, parked: bool) -> RuleLife:
        self._find(rule)
        _needs(reason)
        life = self._state.rule_life(rule)
        if life.parked != parked:
            words = ("parked", "running") if life.parked else ("running", "parked")
            raise _bad_step(rule, words[0], words[0])
        return life

    def _decide(self, step: RuleStep, life: RuleLife, seen: int | None) -> RuleLife:
        """Keep a decision; without `seen`, on what was just read."""
        try:
            kept = self._state.step_rule(step, life, life.revision if seen is None else seen)
        except BusyError as error:
            newest = self._state.rule_life(step.rule)
            raise RuleConflictError(error, step.after, _word(newest), "", newest) from error
        detail = {"before": step.before, "after": step.after, "reason": step.reason}
        self._state.audit(step.by, f"rule.{step.kind}", step.rule, detail)
        return kept

    def _samples_hold(self, checked: CheckedText) -> None:
        failed = [one for one in checked.samples if not one.ok]
        if failed:
            names = ", ".join(f"{one.kind} {one.number}" for one in failed[:10])
            raise InputError(
                f"{len(failed)} samples do not hold: {names}",
                where=failed[0].rule,
                next="Mend the rule or the samples; a draft may be kept as it is",
                code="samples_fail",
            )


def _word(life: RuleLife) -> str:
    return "parked" if life.parked else str(life.state or "")


def _needs(reason: str) -> None:
    if not reason.strip():
        raise InputError("A reason is needed", where="reason", next="Say why", code="reason_needed")


def _bad_step(rule: str, before: str, after: str) -> InputError:
    allowed = ", ".join(_STEPS.get(before, ()))  # type: ignore[call-overload]
    return InputError(
        f"A rule does not go from {before} to {after}",
        where=rule,
        next=f"From {before} it may go to: {allowed}" if allowed else f"It is {before} already",
        code="bad_step",
    )


def _no_rule(rule: str) -> NotFoundError:
    return NotFoundError("There is no such rule", where=rule, next="See `fengsui rules`")
