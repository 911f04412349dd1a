"""What the documents of `--json` have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """A published document: nothing in it that is not described."""

    model_config = ConfigDict(extra="forbid")


class Error(Document):
    """What went wrong: `code` for programs, the rest for people."""

    code: str
    what: str
    where: str
    next: str
