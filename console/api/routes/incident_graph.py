"""The attack graph of an incident: entities and acts, like neighbours folded. Reads one row."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from console.api.access import Reader
from console.api.parts import Parts
from console.api.routes.incidents import find_case
from console.api.schemas.stories import Graph
from console.api.story import iso
from correlation.story.graph import GraphEdge, GraphNode, Line
from correlation.story.picking import Web
from fengsui.clock import to_iso
from fengsui.incident import alert_count
from fengsui.severity import Severity

router = APIRouter(prefix="/incidents", tags=["incidents"])
NAMED: Final = 50  # things of a node that are named


@router.get("/{incident}/graph")
def read_graph(
    visitor: Reader,
    incident: str,
    parts: Parts,
    opened: Annotated[
        str, Query(max_length=2000, description="groups whose things stand apart, with commas")
    ] = "",
) -> Graph:
    """Nodes with their places, edges, and the activities that both sum."""
    case = find_case(parts, incident)
    kept = parts.stories.of(case.incident)
    web = Web(parts.state.story_web(kept.incident))
    drawn = web.drawn({word for word in opened.split(",") if word})
    titles = {kind["rule"]: kind["title"] for kind in kept.document["kinds"]}
    return Graph.model_validate(
        {
            "at": to_iso(kept.at),
            "alerts": max(alert_count(case.incident), kept.size),
            "told": kept.size,
            "start": to_iso(web.slots.start),
            "width": web.slots.width / 1e9,
            "count": web.slots.count,
            "things": sum(dot.many for dot in web.dots),
            "nodes": [_node(node, web) for node in drawn.nodes],
            "edges": [_edge(edge) for edge in drawn.edges],
            "lines": [_line(line) for line in web.lines],
            "alone": drawn.alone,
            "rules": [{"rule": rule, "title": titles.get(rule)} for rule in web.rules],
        }
    )


def _node(node: GraphNode, web: Web) -> dict[str, Any]:
    names = [value for member in node.members[:NAMED] for value in web.values(member)[:1]]
    return {
        "id": node.id,
        "kind": node.kind,
        "role": node.role,
        "internal": node.internal,
        "label": node.label,
        "names": names,
        "unit": web.owner(node.members[0]) if node.many == 1 else "",
        "many": node.many,
        "severity": Severity(node.severity).word,
        "alerts": node.alerts,
        "column": node.column,
        "row": node.row,
        "group": node.group,
    }


def _edge(edge: GraphEdge) -> dict[str, Any]:
    return {
        **iso({"first": edge.first, "last": edge.last}, "first", "last"),
        "id": edge.id,
        "source": edge.source,
        "target": edge.target,
        "lines": edge.lines,
        "alerts": edge.alerts,
        "severity": Severity(edge.severity).word,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "rule": line.rule,
        "severity": Severity(line.severity).word,
        "tactics": line.tactics,
        "slots": sorted([slot, count] for slot, count in line.slots.items()),
    }
