"""Repairs: a finding becomes a task of a unit; only the same check, run again, closes it.

A task is about the steps that failed when it was made. When all of them hold, it is closed, whatever
else of the item is still open; when one fails again, the task that was closed is open anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from detections.compliance.verdict import Step
from fengsui.control import Conformity
from fengsui.errors import InputError
from fengsui.system import RepairTask, TaskAct, TaskActKind

_GOOD = frozenset({Conformity.CONFORMS, Conformity.NOT_APPLICABLE})


def holds_now(
    task: RepairTask,
    steps: Mapping[str, Step] | None,
    verdict: Conformity | None,
) -> Step:
    """Whether what failed holds: by its steps where the check has them, else by its verdict.

    None: the newest run does not tell (no evidence of that asset, or steps left open).
    """
    if task.steps:
        if steps is None:
            return None
        # A fault that the check no longer names has gone.
        found = [steps.get(name, True) for name in task.steps]
        return False if False in found else None if None in found else True
    if verdict is None or verdict is Conformity.INSUFFICIENT:
        return None
    return verdict in _GOOD


def followed(task: RepairTask, holds: Step, run: str, now: int) -> RepairTask | None:
    """The task after a run; None where nothing changes."""
    if task.status != "closed" and holds is True:
        act = TaskAct("close", "fengsui", now, {"run": run})
        return replace(task, status="closed", history=(*task.history, act))
    if holds is False and task.status in {"closed", "proved"}:
        act = TaskAct("reopen", "fengsui", now, {"run": run})
        return replace(task, status="open", history=(*task.history, act))
    return None


def acted(task: RepairTask, act: TaskAct) -> RepairTask:
    """The task after what a person did.

    Raises:
        InputError: the act does not fit (code `bad_act`).
    """
    _check(task, act)
    changes: dict[str, str] = {}
    if act.kind == "prove":
        changes = {"status": "proved"}
    elif act.kind == "ask_extension":
        changes = {"wish": str(act.values["due"])}
    elif act.kind == "extend":
        changes = {"due": task.wish, "wish": ""}
    elif act.kind == "refuse_extension":
        changes = {"wish": ""}
    return replace(task, history=(*task.history, act), **changes)  # type: ignore[arg-type]


def is_overdue(task: RepairTask, today: str) -> bool:
    """Whether its day has passed."""
    return task.status != "closed" and task.due < today


def _check(task: RepairTask, act: TaskAct) -> None:
    kinds: Sequence[TaskActKind] = ("prove", "ask_extension", "extend", "refuse_extension", "note")
    if act.kind not in kinds:
        raise _bad("Only a check closes or reopens a task", task)
    if task.status == "closed" and act.kind != "note":
        raise _bad("The task is closed", task)
    if act.kind == "ask_extension" and str(act.values.get("due", "")) <= task.due:
        raise _bad("The day that is asked for is not later", task)
    if act.kind in {"extend", "refuse_extension"}:
        if not task.wish:
            raise _bad("No extension was asked for", task)
        asked = next(each for each in reversed(task.history) if each.kind == "ask_extension")
        if asked.by == act.by:
            raise _bad("Who asked for an extension does not decide it", task)


def _bad(what: str, task: RepairTask) -> InputError:
    return InputError(what, where=task.id, next="See the task's history", code="bad_act")
