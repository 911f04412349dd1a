"""What `fengsui retro-hunt --json` prints."""

from __future__ import annotations

from console.api.schemas.retro_hunts import RetroFound
from console.published_document import Document


class RetroHunt(RetroFound):
    """`fengsui retro-hunt --json`."""

    job: str
    status: str


class RetroHuntRow(Document):
    """A hunt in short."""

    job: str
    created: str
    by: str
    what: str
    status: str
    events: int
    hits: int


class RetroHuntList(Document):
    """`fengsui retro-hunt --list --json`, newest first."""

    hunts: list[RetroHuntRow]
