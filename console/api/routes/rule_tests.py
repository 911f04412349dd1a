"""Looking at a rule before it is kept: what is wrong with it, and what it would have raised."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from console.api.access import Analyst, Operator
from console.api.asking import ask
from console.api.pacing import keep_pace
from console.api.parts import Parts
from console.api.rule_parts import checked_shown
from console.api.schemas.jobs import Job
from console.api.schemas.rule_edits import BackTest, Checked, StartBackTest, TestRule, ValidateRule
from console.api.times import time_range
from console.rules.backtest import Bounds
from console.rules.checking import refuse
from fengsui.errors import InputError

router = APIRouter(prefix="/rules", tags=["rules"])


@router.post("/validate")
def validate_rule(
    given: ValidateRule, request: Request, visitor: Operator, parts: Parts
) -> Checked:
    """What is wrong with a text, as one types; bounded for each person."""
    keep_pace(request.app.state.checks, visitor.name)
    checked = parts.desk.editor.check(given.source, given.rule)
    return checked_shown(checked, parts.state.rule_lives())


@router.post("/test")
def test_rule(given: TestRule, request: Request, visitor: Analyst, parts: Parts) -> BackTest:
    """What a text would have raised over the newest events, within seconds."""
    keep_pace(request.app.state.tests, visitor.name)
    within = time_range(given.since, given.until)
    bounds = Bounds(given.limit, given.seconds, newest=True)
    return BackTest.model_validate(parts.desk.test(given.source, within, bounds).as_json())


@router.post("/backtests")
def start_back_test(given: StartBackTest, visitor: Analyst, parts: Parts) -> Job:
    """Ask for a back-test of a rule, or of a text that is not kept yet."""
    if bool(given.rule) == bool(given.source):
        raise InputError(
            "Give a rule or a source", where="rule, source", next="Just one", code="bad_request"
        )
    source = given.source or parts.desk.editor.file(given.rule).text
    refuse(parts.desk.editor.check(source, given.rule))
    within = time_range(given.since, given.until)
    arguments: dict[str, Any] = {
        "rule": given.rule,
        "source": source,
        "since": within.since,
        "until": within.until,
        "limit": given.limit,
        "seconds": given.seconds,
    }
    return ask(parts, visitor, "backtest", arguments)
