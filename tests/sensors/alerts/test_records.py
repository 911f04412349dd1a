"""JSON of tools: entities, severities and stages of each shape."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.severity import Severity
from sensors.alerts.foreign import NotAnAlert
from sensors.alerts.shapes import of_object

AT = "2026-03-04T05:06:07Z"


def eve(**alert: Any) -> dict[str, Any]:
    said = {"signature_id": 1, "signature": "ET x", "severity": 1, **alert}
    return {"event_type": "alert", "timestamp": AT, "src_ip": "10.0.0.2", "alert": said}


def test_the_host_of_an_inner_flow_is_the_one_that_opened_it() -> None:
    record = eve() | {
        "dest_ip": "10.0.0.1",
        "flow": {"src_ip": "10.0.0.1", "dest_ip": "10.0.0.2"},
        "tls": {"sni": "a.example"},
        "fileinfo": {"filename": "/x.exe"},
    }
    alert = of_object(record)
    assert (alert.address, alert.far) == ("10.0.0.1", "")
    assert set(alert.others) == {("host", "10.0.0.2"), ("domain", "a.example"), ("file", "/x.exe")}


@pytest.mark.parametrize(
    ("alert", "severity", "tactics"),
    [
        ({"metadata": {"signature_severity": ["Critical"]}}, Severity.CRITICAL, ()),
        ({"metadata": {"signature_severity": ["Informational"]}}, Severity.LOW, ()),
        ({"category": "Potential Corporate Privacy Violation"}, Severity.LOW, ()),
        ({"severity": 2, "category": "Detection of a Network Scan"}, Severity.MEDIUM, ("reconnaissance",)),
        ({"severity": 9}, Severity.INFO, ()),
        ({"severity": "x"}, None, ()),
        ({"metadata": {"mitre_technique_id": ["T1059.001"]}}, Severity.HIGH, ("execution",)),
        ({"metadata": {"mitre_tactic_id": ["TA0008"]}}, Severity.HIGH, ("lateral-movement",)),
        ({"metadata": {"mitre_tactic_name": ["Lateral_Movement"]}}, Severity.HIGH, ("lateral-movement",)),
    ],
)  # fmt: skip
def test_signatures_are_as_grave_as_their_authors_say(
    alert: dict[str, Any], severity: Severity | None, tactics: tuple[str, ...]
) -> None:
    found = of_object(eve(**alert))
    assert (found.severity, found.tactics) == (severity, tactics)


def test_a_list_spread_over_signatures_is_one_kind() -> None:
    kinds = {of_object(eve(signature=f"ET CINS group {n}", signature_id=n)).kind for n in range(5)}
    assert kinds == {"ET CINS"}


def test_wazuh_says_who_and_which_stage() -> None:
    alert = of_object(
        {
            "timestamp": AT,
            "rule": {
                "level": 12,
                "description": "d",
                "id": "92000",
                "mitre": {"id": ["T1110"], "tactic": ["Credential Access"]},
            },
            "agent": {"id": "003", "name": "pc", "ip": "10.0.0.3"},
            "data": {"win": {"eventdata": {"ipAddress": "203.0.113.4", "targetUserName": "joe"}}},
        }
    )
    assert (alert.host, alert.address, alert.far) == ("pc", "10.0.0.3", "203.0.113.4")
    assert (alert.severity, alert.tactics) == (Severity.HIGH, ("credential-access",))
    assert alert.others == (("user", "joe"),)


def test_wazuh_hands_on_suricata_and_syslog() -> None:
    rule = {"level": 3, "description": "Suricata: Alert - x", "id": "86601"}
    relayed = of_object(
        {
            "timestamp": AT,
            "rule": rule,
            "agent": {"id": "001", "name": "sensor", "ip": "10.9.9.9"},
            "data": {
                "alert": {"signature_id": "7"},
                "src_ip": "203.0.113.4",
                "dest_ip": "10.0.0.5",
            },
        }
    )
    assert (relayed.kind, relayed.host, relayed.address) == ("86601:7", "", "10.0.0.5")
    forwarded = of_object(
        {
            "timestamp": AT,
            "rule": rule,
            "agent": {"id": "000", "name": "manager"},
            "predecoder": {"hostname": "switch"},
            "location": "10.0.0.7",
        }
    )
    assert (forwarded.host, forwarded.address) == ("switch", "10.0.0.7")


def test_ecs_nested_dotted_or_wrapped_is_one() -> None:
    nested = {
        "@timestamp": AT,
        "event": {"kind": "alert", "module": "endpoint", "severity": 73},
        "rule": {"name": "Malware", "id": "m1"},
        "host": {"name": "pc", "ip": ["10.0.0.3", "fe80::1"]},
        "threat": {"tactic": {"id": ["TA0002"]}},
        "user": {"name": "joe"},
    }
    dotted = {
        "@timestamp": AT,
        "event.kind": "alert",
        "event.module": "endpoint",
        "event.severity": 73,
        "rule.name": "Malware",
        "rule.id": "m1",
        "host.name": "pc",
        "host.ip": ["10.0.0.3"],
        "threat.tactic.id": ["TA0002"],
        "user.name": "joe",
    }
    alert = of_object(nested)
    assert alert == of_object(dotted) == of_object({"_index": "x", "_source": nested})
    assert (alert.severity, alert.tactics) == (Severity.HIGH, ("execution",))
    with pytest.raises(NotAnAlert):
        of_object(nested | {"event": {"kind": "event"}})


def test_records_of_no_known_shape_are_told_by_their_names() -> None:
    alert = of_object(
        {
            "告警时间": AT,
            "威胁名称": "挖矿",
            "源IP": "10.0.0.3",
            "目的IP": "203.0.113.4",
            "威胁等级": "高危",
        }
    )
    assert (alert.title, alert.address, alert.far) == ("挖矿", "10.0.0.3", "203.0.113.4")
    assert alert.severity == Severity.HIGH
