"""EVE records as events: flows with a state, the three forms of DNS, alerts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.clock import from_iso
from fengsui.ecs import faults
from fengsui.event import Event
from sensors.logs.eve_records import TYPES
from sensors.logs.parser import LineError
from sensors.logs.parsers.eve import PARSER
from tests.sensors.logs.samples import EVE_FLOW, JSON

BASE = {
    "timestamp": "2026-01-05T10:00:05.000000+0800",
    "flow_id": 42,
    "src_ip": "10.1.2.3",
    "src_port": 50000,
    "dest_ip": "10.0.0.53",
    "dest_port": 53,
    "proto": "UDP",
}


def one(row: dict[str, Any]) -> Event:
    event = PARSER.start("eve.json", "east").parse(json.dumps({**BASE, **row}).encode()).event
    assert event is not None
    assert faults(event.fields) == []
    return event


def test_flow_is_stamped_when_it_starts() -> None:
    parsed = PARSER.start("eve.json", "east").parse(EVE_FLOW)
    event = parsed.event
    assert event is not None
    assert event.get("@timestamp") == "2026-01-05T02:00:00.000000Z"
    assert parsed.clock == from_iso("2026-01-05T02:00:05Z")
    assert event.get("event.duration") == 2_500_000_000
    assert event.get("network.protocol") == "tls"
    assert event.get("zeek.connection.state") == "SF"
    assert len(event.text("zeek.session_id")) == 18


@pytest.mark.parametrize(
    ("ours", "theirs", "back", "state"),
    [
        ("02", "00", 0, "S0"),
        ("02", "14", 1, "REJ"),
        ("1b", "1b", 5, "SF"),
        ("1a", "1a", 5, "S1"),
        ("1e", "1a", 5, "RSTO"),
        ("1a", "1e", 5, "RSTR"),
        ("1b", "1a", 5, "S2"),
        ("10", "10", 5, "OTH"),
        ("zz", "", 1, "OTH"),
    ],
)
def test_state_from_flags(ours: str, theirs: str, back: int, state: str) -> None:
    row = json.loads(EVE_FLOW)
    row["tcp"] = {"tcp_flags_ts": ours, "tcp_flags_tc": theirs}
    row["flow"]["pkts_toclient"] = back
    assert one(row).get("zeek.connection.state") == state


@pytest.mark.parametrize(
    "dns",
    [
        {"type": "answer", "rrname": "a.example", "rrtype": "A", "rdata": "192.0.2.1", "ttl": 5},
        {
            "version": 2,
            "type": "answer",
            "rrname": "a.example",
            "rrtype": "A",
            "answers": [{"rrname": "a.example", "rrtype": "A", "ttl": 5, "rdata": "192.0.2.1"}],
        },
        {"version": 2, "type": "answer", "rrname": "a.example", "grouped": {"A": ["192.0.2.1"]}},
        {
            "version": 3,
            "type": "response",
            "rcode": "NOERROR",
            "rd": True,
            "queries": [{"rrname": "A.example", "rrtype": "A"}],
            "answers": [{"rrname": "a.example", "rrtype": "A", "ttl": 5, "rdata": "192.0.2.1"}],
        },
    ],
)
def test_forms_of_dns(dns: dict[str, Any]) -> None:
    event = one({"event_type": "dns", "dns": dns})
    assert event.get("dns.type") == "answer"
    assert event.get("dns.question.name") == "a.example"
    assert event.get("dns.resolved_ip") == ["192.0.2.1"]
    assert event.get("dns.answers_count") == 1


def test_alert_is_an_ids_event_with_its_rule() -> None:
    alert = {"signature_id": 7, "signature": "odd", "category": "c", "severity": 2}
    event = one({"event_type": "alert", "alert": {**alert, "action": "allowed"}})
    assert (event.dataset, event.get("rule.id"), event.get("event.severity")) == ("ids", "7", 2)
    assert event.get("event.kind") == "alert"


def test_an_unknown_type_is_kept_as_it_came() -> None:
    event = one({"event_type": "mqtt", "mqtt": {}})
    assert event.dataset == "other"
    assert event.get("event.action") == "mqtt"
    assert event.get("fengsui.parse") == "unmatched"


@pytest.mark.parametrize("line", [b"{}", b"[]", b"1", b"{", b'{"event_type":"dns"}'])
def test_bad_lines(line: bytes) -> None:
    with pytest.raises(LineError):
        PARSER.start("eve.json", "east").parse(line)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(TYPES)), JSON, st.dictionaries(st.sampled_from(sorted(BASE)), JSON))
def test_any_values_make_a_valid_event_or_a_bad_line(kind: str, body: Any, base: Any) -> None:
    row = {**BASE, **base, "event_type": kind, kind: body, "fileinfo": body, "krb5": body}
    line = json.dumps(row).encode()
    try:
        event = PARSER.start("eve.json", "east").parse(line).event
    except LineError:
        return
    assert event is not None
    assert faults(event.fields) == []
