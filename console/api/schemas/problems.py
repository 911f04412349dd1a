"""Problem reports (RFC 9457)."""

from __future__ import annotations

from pydantic import BaseModel


class FieldFault(BaseModel):
    """One fault of a request body or parameter."""

    where: str
    what: str


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
