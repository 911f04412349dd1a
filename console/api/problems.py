"""Errors as problem reports (RFC 9457), one handler a kind. Nothing of the inside goes out."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from console.api.schemas.problems import Conflict, FieldFault, Problem
from console.rules.lives import RuleConflictError
from fengsui.clock import to_iso
from fengsui.errors import FengsuiError
from fengsui.ids import random_id
from fengsui.query.lucene import QueryError
from fengsui.store.rule_states import RuleLife, RuleVersion

MEDIA_TYPE: Final = "application/problem+json"
_log = logging.getLogger(__name__)
_CODES: Final = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_FAULTS_GIVEN: Final = 20


class TooLargeError(FengsuiError):
    """A body over its bound."""

    exit_status = 10
    default_code = "too_large"
    http_status = 413


class TooManyError(FengsuiError):
    """Asked too often; `seconds` until it makes sense again."""

    exit_status = 17
    default_code = "too_many"
    http_status = 429

    def __init__(self, what: str, *, seconds: int, next: str = "") -> None:  # noqa: A002
        super().__init__(what, next=next)
        self.seconds = seconds


def problem_of(error: FengsuiError) -> Problem:
    """The report of one of our errors; what happened inside (settings, stores) stays inside."""
    return Problem(
        type=f"urn:fengsui:problem:{error.code}",
        title=error.what,
        status=error.http_status,
        detail=error.what,
        code=error.code,
        where="" if error.http_status >= 500 else error.where,
        next=error.next,
        id=random_id(),
        position=error.position if isinstance(error, QueryError) else None,
        conflict=_conflict(error) if isinstance(error, RuleConflictError) else None,
    )


def _conflict(error: RuleConflictError) -> Conflict:
    newest = error.newest
    life = newest if isinstance(newest, RuleLife) else None
    version = newest if isinstance(newest, RuleVersion) else None
    at = (version.at if version else 0) or (life.changed if life else 0)
    return Conflict(
        yours=error.yours,
        theirs=error.theirs,
        base=error.base,
        version=version.number if version else 0,
        revision=life.revision if life else 0,
        by=version.by if version else "",
        at=to_iso(at) if at else None,
        reason=version.reason if version else "",
    )


def answer(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """The response that carries a report."""
    body = problem.model_dump(exclude_none=True)
    return Response(orjson.dumps(body), problem.status, headers=headers, media_type=MEDIA_TYPE)


def plain_problem(
    status: int,
    code: str,
    title: str,
    *,
    detail: str = "",
    where: str = "",
    next: str = "",  # noqa: A002
    errors: list[FieldFault] | None = None,
) -> Problem:
    """A report of something that is no error of ours."""
    return Problem(
        type=f"urn:fengsui:problem:{code}",
        title=title,
        status=status,
        detail=detail or title,
        code=code,
        where=where,
        next=next,
        id=random_id(),
        errors=errors,
    )


def answer_error(error: FengsuiError) -> Response:
    """The response to one of our errors; those of the inside are logged under the report's id."""
    problem = problem_of(error)
    if problem.status >= 500:
        _log.error(
            "request failed",
            extra={"id": problem.id, "code": error.code, "what": error.what, "at": error.where},
        )
    headers = {"Retry-After": str(error.seconds)} if isinstance(error, TooManyError) else None
    return answer(problem, headers)


def add_handlers(app: FastAPI) -> None:
    """Make all errors of an app problem reports."""
    app.add_exception_handler(FengsuiError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _ours(_request: Request, error: Exception) -> Response:
    assert isinstance(error, FengsuiError)
    return answer_error(error)


def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [_fault(each) for each in error.errors()[:_FAULTS_GIVEN]]
    first = faults[0] if faults else FieldFault(where="", what="")
    problem = plain_problem(
        422,
        "bad_request",
        "The request does not have the form that is expected",
        detail=first.what,
        where=first.where,
        next="See /api/openapi.json",
        errors=faults,
    )
    return answer(problem)


def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "http_error")
    problem = plain_problem(error.status_code, code, HTTPStatus(error.status_code).phrase)
    return answer(problem, dict(error.headers or {}))


def _unexpected(_request: Request, error: Exception) -> Response:
    problem = plain_problem(
        500,
        "internal",
        "Something went wrong inside",
        next="Try again; if it lasts, tell the administrator the id",
    )
    _log.error("unexpected error", exc_info=error, extra={"id": problem.id})
    return answer(problem)


def _fault(error: dict[str, Any]) -> FieldFault:
    # The value itself is left out: it may be a password.
    return FieldFault(where=".".join(map(str, error["loc"])), what=str(error["msg"]))
