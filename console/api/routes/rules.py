"""Detections."""

from __future__ import annotations

from fastapi import APIRouter

from console.api.access import Reader
from console.api.parts import Parts
from console.api.schemas.rules import Rule, Rules

router = APIRouter(prefix="/rules", tags=["rules"])


@router.get("")
def list_rules(visitor: Reader, parts: Parts) -> Rules:
    """Every rule and model with how often it spoke."""
    hits = parts.state.hits()
    return Rules(
        items=[
            Rule.model_validate({**rule.as_json(), "hits": hits.get(rule.id, 0)})
            for rule in parts.rules()
        ]
    )
