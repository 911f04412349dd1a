"""Long work."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from console.api.schemas.words import Time
from fengsui.store.state import JobStatus


class Job(BaseModel):
    """Work asked of the worker: `done` of `total`."""

    id: str
    kind: str
    status: JobStatus
    by: str
    created: Time
    done: int
    total: int
    message: str
    result: dict[str, Any]


class Jobs(BaseModel):
    """Newest first."""

    items: list[Job]
