"""Clear-text management: what counts, what is unclear, and toward whom."""

from __future__ import annotations

import pytest

from detections.compliance.checks import cleartext_devices, cleartext_management
from fengsui.clock import DAY, HOUR
from fengsui.control import Conformity


def judged(make_evidence, *events):
    evidence = make_evidence(list(events))
    return cleartext_management.judge(evidence, [])


@pytest.mark.parametrize(
    "fields",
    [
        {"network__protocol": "telnet"},
        {"network__protocol": "ftp"},
        {"network__protocol": "vnc"},
        {"network__protocol": None, "destination__port": 23},
        {"event__dataset": "http", "network__protocol": "http", "url__username": "admin"},
    ],
)
def test_a_sighting_decides_against(make_evidence, make_flow, fields):
    at = make_evidence([]).now - DAY
    found = judged(make_evidence, make_flow("10.1.5.5", "10.1.0.1", at, **fields))
    assert found.verdict is Conformity.DOES_NOT
    assert "门户" in found.reason.render("zh")
    assert found.rows[0]["address"] == "10.1.0.1"


@pytest.mark.parametrize(
    "fields",
    [
        {"network__protocol": "ssh", "destination__port": 23},
        {"network__protocol": None, "destination__port": 23, "server__bytes": 0},
        {"network__protocol": None, "destination__port": 22},
    ],
)
def test_what_is_none_is_no_sighting(make_evidence, make_flow, fields):
    at = make_evidence([]).now - DAY
    found = judged(make_evidence, make_flow("10.1.5.5", "10.1.0.1", at, **fields))
    assert found.verdict is Conformity.INSUFFICIENT
    assert found.rows == []


@pytest.mark.parametrize(
    "fields",
    [
        {"network__protocol": "snmp", "network__transport": "udp"},
        {
            "event__dataset": "http",
            "network__protocol": "http",
            "http__request__headers__names": ["host", "authorization"],
        },
    ],
)
def test_unclear_is_said_and_bars_conformity(
    make_evidence, make_flow, ordinary, all_records, fields
):
    at = make_evidence([]).now - DAY
    seen = make_flow("10.1.0.2", "10.1.0.1", at, **fields)
    evidence = make_evidence([*ordinary(days=32), seen])
    found = cleartext_management.judge(evidence, all_records)
    assert found.verdict is Conformity.INSUFFICIENT
    assert found.reason.key.endswith(".unclear")


def test_toward_others_or_long_ago_is_no_sighting(make_evidence, make_flow):
    now = make_evidence([]).now
    telnet = {"network__protocol": "telnet"}
    found = judged(
        make_evidence,
        make_flow("10.1.0.1", "198.51.100.7", now - HOUR, **telnet),
        make_flow("10.1.5.5", "10.1.0.1", now - 31 * DAY, **telnet),
    )
    assert found.verdict is Conformity.INSUFFICIENT


def test_the_unit_for_devices_looks_at_devices_only(make_evidence, make_flow):
    at = make_evidence([]).now - DAY
    to_web = make_flow("10.1.5.5", "10.1.0.1", at, network__protocol="telnet")
    to_switch = make_flow("10.1.5.5", "10.1.0.3", at, network__protocol="telnet")
    assert cleartext_devices.judge(make_evidence([to_web]), []).verdict is Conformity.INSUFFICIENT
    found = cleartext_devices.judge(make_evidence([to_switch]), [])
    assert found.verdict is Conformity.DOES_NOT
    assert "核心交换机" in found.repair.render("zh")
