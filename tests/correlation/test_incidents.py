"""A group as an incident."""

from __future__ import annotations

from correlation.entities import part_of
from correlation.incidents import build_incident, incident_id
from correlation.joining import Graph, Node
from correlation.scoring import score
from fengsui.ids import digest_id


def test_entities_roles_stages_and_id(make_alert, context):
    alerts = [
        make_alert("upload", "10.0.0.1", c2="198.51.100.7", technique="T1041", at=300),
        make_alert("scan", "10.0.0.1", to="10.0.0.2", technique="T1046", at=100, lasts=900),
    ]
    nodes = [Node(a, part_of(a, context)) for a in alerts]
    incident = build_incident("run-1", nodes, score(nodes, Graph(context, 0)), context)
    assert incident.id == incident_id("run-1", nodes) == digest_id("run-1", alerts[1].id)
    assert [s.tactic for s in incident.stages] == ["discovery", "exfiltration"]
    assert incident.stages[0].alerts == (alerts[1].id,)
    assert [(e.value, e.role, e.internal) for e in incident.entities] == [
        ("198.51.100.7", "c2", False),
        ("10.0.0.1", "source", True),
        ("10.0.0.2", "target", True),
    ]
    assert (incident.first, incident.last) == (alerts[1].first, alerts[1].last)
    assert incident.alerts == (alerts[1].id, alerts[0].id)
