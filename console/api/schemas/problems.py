"""Problem reports (RFC 9457)."""

from __future__ import annotations

from pydantic import BaseModel


class FieldFault(BaseModel):
    """One fault of a request body or parameter."""

    where: str
    what: str


class Conflict(BaseModel):
    """What was to be written, what stands there, and what both were made from."""

    yours: str
    theirs: str
    base: str
    version: int
    revision: int
    by: str
    at: str | None
    reason: str


class Problem(BaseModel):
    """What went wrong, where, and what to do next. Branch on `code`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    where: str
    next: str
    id: str
    position: int | None = None
    errors: list[FieldFault] | None = None
    conflict: Conflict | None = None
