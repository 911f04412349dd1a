"""Drawing: the graph of a story as a document, made when the story is told so that it opens at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from correlation.story.graph import GraphEdge, GraphNode, Line
from correlation.story.picking import Web
from fengsui.clock import to_iso
from fengsui.severity import Severity

NAMED: Final = 50  # things of a node that are named
Document = dict[str, Any]


def graph_document(
    web: Web, kinds: Iterable[Mapping[str, Any]], opened: Collection[str] = ()
) -> Document:
    """Nodes with their places, edges, and the activities that both sum.

    Args:
        web: the kept graph.
        kinds: the story's rules with their titles.
        opened: groups whose things stand apart.
    """
    drawn = web.drawn(opened)
    titles = {kind["rule"]: kind["title"] for kind in kinds}
    return {
        "start": to_iso(web.slots.start),
        "width": web.slots.width / 1e9,
        "count": web.slots.count,
        "things": sum(dot.many for dot in web.dots),
        "nodes": [_node(node, web) for node in drawn.nodes],
        "edges": [_edge(edge) for edge in drawn.edges],
        "lines": [_line(line) for line in web.lines],
        "alone": list(drawn.alone),
        "rules": [{"rule": rule, "title": titles.get(rule)} for rule in web.rules],
    }


def _node(node: GraphNode, web: Web) -> Document:
    names = [value for member in node.members[:NAMED] for value in web.values(member)[:1]]
    return {
        "id": node.id,
        "kind": node.kind,
        "role": node.role,
        "internal": node.internal,
        "label": node.label,
        "names": names,
        "unit": web.owner(node.members[0]) if node.many == 1 and node.members else "",
        "many": node.many,
        "severity": Severity(node.severity).word,
        "alerts": node.alerts,
        "column": node.column,
        "row": node.row,
        "group": node.group,
    }


def _edge(edge: GraphEdge) -> Document:
    return {
        "id": edge.id,
        "source": edge.source,
        "target": edge.target,
        "lines": list(edge.lines),
        "alerts": edge.alerts,
        "severity": Severity(edge.severity).word,
        "first": to_iso(edge.first),
        "last": to_iso(edge.last),
    }


def _line(line: Line) -> Document:
    return {
        "rule": line.rule,
        "severity": Severity(line.severity).word,
        "tactics": list(line.tactics),
        "slots": sorted([slot, count] for slot, count in line.slots.items()),
    }
