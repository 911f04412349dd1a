"""The attack graph of an incident: entities and acts, like neighbours folded. Reads one row."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response

from console.api.access import Reader
from console.api.parts import Parts
from console.api.routes.incidents import find_case
from console.api.schemas.stories import Graph
from correlation.story.drawing import graph_document
from fengsui.clock import to_iso
from fengsui.incident import alert_count

router = APIRouter(prefix="/incidents", tags=["incidents"])


@router.get("/{incident}/graph", response_model=Graph)
def read_graph(
    visitor: Reader,
    incident: str,
    parts: Parts,
    opened: Annotated[
        str, Query(max_length=2000, description="groups whose things stand apart, with commas")
    ] = "",
) -> Response:
    """Nodes with their places, edges, and the activities that both sum."""
    case = find_case(parts, incident)
    kept = parts.stories.of(case.incident)
    groups = {word for word in opened.split(",") if word}
    if groups:
        web = parts.stories.web(case.incident)
        drawn = orjson.dumps(graph_document(web, kept.document["kinds"], groups))
    else:
        drawn = parts.state.story_graph(kept.incident).encode()
    head = {
        "at": to_iso(kept.at),
        "alerts": max(alert_count(case.incident), kept.size),
        "told": kept.size,
    }
    # Drawn when the story was told: a large graph is not read field by field at each visit.
    return Response(orjson.dumps(head)[:-1] + b"," + drawn[1:], media_type="application/json")
