"""What people made of a case is a fold over its acts: pure, so that undo is exact.

The history only grows. `undo` takes the last act that still counts out of the fold; an undo is not
itself undone, the act is simply done again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fengsui.alert import Verdict
from fengsui.errors import InputError
from fengsui.incident import IncidentStatus
from fengsui.store.state import Act

VERDICTS: tuple[Verdict, ...] = ("true", "benign", "false")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands for people; a case that nobody touched has the defaults."""

    status: IncidentStatus = "new"
    owner: str = ""
    verdict: Verdict | None = None
    verdict_reason: str = ""
    escalated: bool = False


def counting(history: Sequence[Act]) -> list[Act]:
    """The acts that were not undone, in order."""
    kept: list[Act] = []
    for act in history:
        if act.kind != "undo":
            kept.append(act)
        elif kept:
            kept.pop()
    return kept


def standing(history: Sequence[Act]) -> Standing:
    """Fold a history."""
    now = Standing()
    for act in counting(history):
        now = _after(now, act)
    return now


def _after(now: Standing, act: Act) -> Standing:
    match act.kind:
        case "take":
            return replace(now, owner=act.by, status="open")
        case "assign":
            status = "open" if now.status == "new" else now.status
            return replace(now, owner=str(act.values.get("owner", "")), status=status)
        case "close":
            return replace(
                now,
                status="closed",
                verdict=act.values["verdict"],
                verdict_reason=str(act.values["reason"]),
            )
        case "reopen":
            return replace(now, status="open", verdict=None, verdict_reason="")
        case "escalate":
            return replace(now, escalated=True)
        case "wait":
            return replace(now, status="waiting")
        case _:
            return now


def check(history: Sequence[Act], act: Act) -> None:
    """Whether `act` may follow `history`.

    Raises:
        InputError: codes `verdict_needed`, `owner_needed`, `text_needed`, `case_closed`,
            `case_not_closed`, `nothing_to_undo`.
    """
    closed = standing(history).status == "closed"
    if act.kind == "close":
        _check_verdict(act)
    elif act.kind == "assign" and not act.values.get("owner"):
        raise InputError(
            "Nobody is named to assign the incident to", next="Name a user", code="owner_needed"
        )
    elif act.kind == "note" and not str(act.values.get("text", "")).strip():
        raise InputError("The note is empty", next="Write what you found", code="text_needed")
    elif act.kind == "undo" and not counting(history):
        raise InputError(
            "There is nothing to undo", next="Look at the history", code="nothing_to_undo"
        )
    elif act.kind in {"take", "assign", "wait", "merge", "split"} and closed:
        raise InputError("The incident is closed", next="Reopen it first", code="case_closed")
    elif act.kind == "reopen" and not closed:
        raise InputError(
            "The incident is not closed", next="It can be taken as it is", code="case_not_closed"
        )


def _check_verdict(act: Act) -> None:
    if act.values.get("verdict") in VERDICTS and str(act.values.get("reason", "")).strip():
        return
    raise InputError(
        "An incident is closed with a verdict and a reason",
        next="Give verdict (true, benign or false) and reason",
        code="verdict_needed",
    )
