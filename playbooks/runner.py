"""Runner: a pure state machine over a playbook's steps. What touches the world are the actions.

A run goes from step to step until one needs approval, fails or ends it. Only rehearsals are
offered: nothing is applied anywhere. Each step leaves a record; a decision leaves one of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from fengsui.errors import BusyError, FengsuiError, ForbiddenError, InputError, NotFoundError
from fengsui.ids import digest_id
from fengsui.incident import Incident
from fengsui.playbook import Playbook, Run, RunMode, Step, StepResult
from fengsui.text import Text
from playbooks.action import Action, Effect, RefusedError, live_not_offered

_NOTHING: Final = Text("playbooks.undo.nothing", {})
REASON_LENGTH: Final = 500


def start(
    playbook: Playbook,
    incident: Incident,
    mode: RunMode,
    by: str,
    now: int,
    actions: Mapping[str, Action],
) -> Run:
    """Begin a run and go on until approval is needed or it ends.

    `actions` are those of `playbooks.action.load_actions` for this incident; `now` in ns.

    Raises:
        ForbiddenError: the mode is live (code `live_not_offered`).
    """
    if mode == "live":
        raise live_not_offered()
    run = Run(
        id=digest_id("run", playbook.id, incident.id, mode, by, now),
        playbook=playbook.id,
        incident=incident.id,
        mode=mode,
        status="running",
        started=now,
        next_step=playbook.steps[playbook.start].on_success,
        results=(),
        by=by,
    )
    return _advance(run, playbook, now, actions)


def decide(
    run: Run,
    playbook: Playbook,
    step: str,
    approve: bool,
    by: str,
    reason: str,
    now: int,
    actions: Mapping[str, Action],
) -> Run:
    """Approve or reject the step that a run waits at, and go on.

    Raises:
        NotFoundError: the playbook has no such step.
        BusyError: the run does not wait there (any more); code `not_waiting`.
        InputError: a rejection without a reason.
        ForbiddenError: live, and the approver started the run (code `same_person`).
    """
    if playbook.id != run.playbook or step not in playbook.steps:
        raise NotFoundError("No such step", where=step[:80], next="Load the run again")
    if run.status != "waiting_approval" or run.next_step != step:
        raise BusyError(
            "The run does not wait at this step",
            where=f"run {run.id}, step {step}",
            next="Load the run again",
            code="not_waiting",
        )
    if not approve and not reason.strip():
        raise InputError(
            "A rejection needs a reason", where="reason", next="Say why", code="no_reason"
        )
    if approve and by == run.by and run.mode == "live":
        raise ForbiddenError(
            "The person who started a run cannot approve its steps",
            where=f"run {run.id}",
            next="Ask a second person",
            code="same_person",
        )
    words = "rejected" if not approve else "approved_alone" if by == run.by else "approved"
    values = {"by": by, "starter": run.by, "reason": reason.strip()[:REASON_LENGTH] or "-"}
    name = playbook.steps[step].name
    decision = StepResult(
        step=step,
        name=Text("playbooks.decision.name", _both(name)),
        status="done" if approve else "skipped",
        effect=Text(f"playbooks.decision.{words}", values),
        undo=_NOTHING,
        expires=0,
        at=now,
        by=by,
    )
    earlier = tuple(r for r in run.results if r.status != "waiting_approval")
    run = replace(run, results=(*earlier, decision), status="running")
    if not approve:
        return replace(run, status="rejected", next_step="")
    return _advance(run, playbook, now, actions, approved=step)


def _advance(
    run: Run, playbook: Playbook, now: int, actions: Mapping[str, Action], approved: str = ""
) -> Run:
    while True:
        step = playbook.steps[run.next_step]
        if step.kind == "end":
            return replace(run, status="finished", next_step="")
        result = _rehearse(step, now, run.by, actions)
        needs = step.needs_approval or (step.action in actions and actions[step.action].blocks)
        if result.status == "rehearsed" and needs and step.id != approved:
            # The approver sees the exact effect that is asked for.
            waiting = replace(result, status="waiting_approval", by="")
            return replace(run, status="waiting_approval", results=(*run.results, waiting))
        run = replace(run, results=(*run.results, result))
        if result.status == "failed":
            if not step.on_failure:
                return replace(run, status="failed", next_step="")
            run = replace(run, next_step=step.on_failure)
        else:
            run = replace(run, next_step=step.on_success)


def _rehearse(step: Step, now: int, by: str, actions: Mapping[str, Action]) -> StepResult:
    try:
        action = actions.get(step.action)
        if action is None:
            raise RefusedError(Text("playbooks.refused.no_action", {"action": step.action or "-"}))
        effect = action.rehearse(step.arguments, now)
    except RefusedError as refused:
        return _result(step, Effect(refused.text, _NOTHING), "failed", now, by)
    except FengsuiError as error:
        failed = Text("playbooks.failed", {"what": error.what, "where": error.where or "-"})
        return _result(step, Effect(failed, _NOTHING), "failed", now, by)
    return _result(step, effect, "skipped" if effect.skipped else "rehearsed", now, by)


def _result(step: Step, effect: Effect, status: str, now: int, by: str) -> StepResult:
    return StepResult(
        step=step.id,
        name=step.name,
        status=status,  # type: ignore[arg-type]
        effect=effect.effect,
        undo=effect.undo,
        expires=effect.expires,
        at=now,
        by=by,
    )


def _both(name: Text) -> dict[str, str | int | float]:
    return {"step": name.render("zh"), "step_en": name.render("en")}
