"""Saved hunts."""

from __future__ import annotations

from fastapi import APIRouter

from console.api.access import Analyst, Reader
from console.api.parts import Parts
from console.api.schemas.administration import Hunt, Hunts, SaveHunt
from console.api.schemas.words import Done
from fengsui.clock import to_iso
from fengsui.errors import NotFoundError
from fengsui.ids import random_id
from fengsui.query.lucene import parse_lucene
from fengsui.store.state import SavedHunt

router = APIRouter(prefix="/hunts", tags=["hunts"])


@router.get("")
def list_hunts(visitor: Reader, parts: Parts) -> Hunts:
    """Queries that somebody keeps."""
    return Hunts(items=[_shown(hunt) for hunt in parts.state.hunts()])


@router.post("")
def save_hunt(given: SaveHunt, visitor: Analyst, parts: Parts) -> Hunt:
    """Keep a query; it must be one that can be read."""
    parse_lucene(given.query)
    hunt = SavedHunt(random_id(), given.name, given.query, visitor.name, parts.clock.now())
    parts.state.put_hunt(hunt)
    parts.state.audit(visitor.name, "hunt.save", hunt.id, given.model_dump())
    return _shown(hunt)


@router.delete("/{hunt}")
def drop_hunt(hunt: str, visitor: Analyst, parts: Parts) -> Done:
    """Forget a query."""
    found = next((each for each in parts.state.hunts() if each.id == hunt), None)
    if found is None:
        raise NotFoundError("There is no such hunt", where=hunt, next="See GET /api/hunts")
    parts.state.drop_hunt(hunt)
    parts.state.audit(visitor.name, "hunt.drop", hunt, {"name": found.name, "query": found.query})
    return Done()


def _shown(hunt: SavedHunt) -> Hunt:
    return Hunt(id=hunt.id, name=hunt.name, query=hunt.query, by=hunt.by, at=to_iso(hunt.at))
