"""Changing rules: texts, states, parking, samples. All for analysts, all recorded."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from console.api.access import Analyst, Visitor
from console.api.parts import ApiParts, Parts
from console.api.rule_pages import page_of
from console.api.schemas.rule_edits import (
    AddSample,
    MergeRule,
    NewRule,
    ParkRule,
    RevertRule,
    RuleAct,
    RuleActDone,
    RuleActFailed,
    RuleActs,
    RuleActsResult,
    SaveRule,
    SetState,
    ShortProblem,
)
from console.api.schemas.rules import RulePage
from console.api.schemas.words import Done
from fengsui.errors import FengsuiError, InputError, NotFoundError
from fengsui.store.rule_states import KeptSample, RuleLife

router = APIRouter(prefix="/rules", tags=["rules"])
_EVENT_MOST = 200  # fields of a sample
_SAMPLES_MOST = 100  # kept beside one rule


@router.post("")
def add_rule(given: NewRule, visitor: Analyst, parts: Parts) -> RulePage:
    """Keep a new rule; it is a draft, which raises nothing."""
    return page_of(parts, parts.desk.editor.create(given.source, visitor.name, given.reason))


@router.post("/acts")
def act_on_rules(given: RuleActs, visitor: Analyst, parts: Parts) -> RuleActsResult:
    """The same decision about several rules; those that cannot be decided so are told."""
    done: list[RuleActDone] = []
    failed: list[RuleActFailed] = []
    undo: list[RuleAct] = []
    for act in given.items:
        try:
            before, life = _act(parts, visitor, act, given.reason)
        except FengsuiError as error:
            failed.append(RuleActFailed(id=act.id, problem=ShortProblem(**error.as_json())))
        else:
            done.append(RuleActDone(id=act.id, revision=life.revision))
            undo.append(before.model_copy(update={"revision": life.revision}))
    return RuleActsResult(done=done, failed=failed, undo=undo)


@router.put("/{rule}")
def save_rule(given: SaveRule, rule: str, visitor: Analyst, parts: Parts) -> RulePage:
    """Keep a new text of a rule's file; upstream's stays beside it."""
    editor = parts.desk.editor
    editor.save(rule, given.source, visitor.name, given.reason, given.version)
    return page_of(parts, rule)


@router.post("/{rule}/revert")
def revert_rule(given: RevertRule, rule: str, visitor: Analyst, parts: Parts) -> RulePage:
    """Make an older text the newest one."""
    parts.desk.editor.revert(rule, given.to, visitor.name, given.reason, given.version)
    return page_of(parts, rule)


@router.post("/{rule}/merge")
def merge_rule(given: MergeRule, rule: str, visitor: Analyst, parts: Parts) -> RulePage:
    """Decide about a rule that upstream changed, too."""
    parts.desk.editor.settle(
        rule,
        given.choice,
        given.source,
        given.upstream_hash,
        by=visitor.name,
        reason=given.reason,
        version=given.version,
    )
    return page_of(parts, rule)


@router.post("/{rule}/state")
def set_rule_state(given: SetState, rule: str, visitor: Analyst, parts: Parts) -> RulePage:
    """A step of a rule's life."""
    parts.desk.editor.set_state(rule, given.state, visitor.name, given.reason, given.revision)
    return page_of(parts, rule)


@router.post("/{rule}/park")
def park_rule(given: ParkRule, rule: str, visitor: Analyst, parts: Parts) -> RulePage:
    """Stop a rule."""
    parts.desk.editor.park(rule, visitor.name, given.reason, given.revision)
    return page_of(parts, rule)


@router.post("/{rule}/unpark")
def unpark_rule(given: ParkRule, rule: str, visitor: Analyst, parts: Parts) -> RulePage:
    """Let a parked rule run again."""
    parts.desk.editor.unpark(rule, visitor.name, given.reason, given.revision)
    return page_of(parts, rule)


@router.post("/{rule}/samples")
def add_rule_sample(given: AddSample, rule: str, visitor: Analyst, parts: Parts) -> RulePage:
    """Keep an event beside a rule as one that it must, or must not, meet."""
    parts.desk.editor.file(rule)
    if len(given.event) > _EVENT_MOST or len(parts.state.samples(rule)) >= _SAMPLES_MOST:
        raise InputError(
            f"A rule has at most {_SAMPLES_MOST} samples beside it, of {_EVENT_MOST} fields",
            where=rule,
            next="Take one away first",
            code="too_many_samples",
        )
    sample = KeptSample(rule, 0, given.kind, given.event, visitor.name, 0, given.reason)
    kept = parts.state.add_sample(sample)
    detail = {"number": kept.number, "kind": kept.kind, "reason": kept.reason}
    parts.state.audit(visitor.name, "rule.add_sample", rule, detail)
    return page_of(parts, rule)


@router.delete("/{rule}/samples/{number}")
def drop_rule_sample(rule: str, number: int, visitor: Analyst, parts: Parts) -> Done:
    """Take a sample away that was kept beside a rule."""
    if not parts.state.drop_sample(rule, number):
        raise NotFoundError(
            "There is no such sample", where=f"{rule} {number}", next="See its page"
        )
    parts.state.audit(visitor.name, "rule.drop_sample", rule, {"number": number})
    return Done()


def _act(parts: ApiParts, visitor: Visitor, act: RuleAct, reason: str) -> tuple[RuleAct, RuleLife]:
    """Do it; the act that brings it back, and what follows from it."""
    editor, by = parts.desk.editor, visitor.name
    if act.kind == "state":
        if act.state is None:
            raise InputError("Which state?", where=act.id, next="Give `state`", code="bad_step")
        before = parts.desk.state_of(act.id)
        life = editor.set_state(act.id, act.state, by, reason, act.revision)
        return RuleAct(id=act.id, kind="state", state=before), life
    deed: Callable[[str, str, str, int | None], RuleLife] = (
        editor.park if act.kind == "park" else editor.unpark
    )
    life = deed(act.id, by, reason, act.revision)
    return RuleAct(id=act.id, kind="unpark" if act.kind == "park" else "park"), life
