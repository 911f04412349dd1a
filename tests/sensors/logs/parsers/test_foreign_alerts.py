"""Alerts of other tools as events: every shape, nothing lost, hostile text kept as text."""

from __future__ import annotations

import io
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.ecs import faults
from fengsui.event import Event, split_lines
from sensors.logs.parser import LineError
from sensors.logs.parsers.foreign_alerts import PARSER
from sensors.logs.reader import LogReader, format_of

TABLE = """time,name,ip,host,short
1642213952,Wazuh: Failed login,172.17.131.81,mail,W-Fail
1642213952,Wazuh: Failed login,172.17.131.81,mail,W-Fail
,AMiner: Odd syscall,172.17.131.81,mail,A-Odd
9999999999,Suricata: From the future,10.0.0.9,fw,S-Fut
"""
WAZUH = {
    "timestamp": "2026-01-02T03:04:05.678+0000",
    "rule": {"level": 12, "description": "<img src=x onerror=alert(1)>", "id": "5712"},
    "agent": {"name": "web-1", "ip": "10.0.0.5"},
    "data": {"srcip": "198.51.100.9"},
}
CEF = (
    "Nov 21 10:00:00 fw CEF:0|Hillstone|SG|5.5|4711|SQL injection|8|"
    "src=198.51.100.9 dst=10.0.0.5 rt=1767323045000"
)


def read(text: str) -> tuple[list[Event], Any]:
    reader = LogReader(None, io.BytesIO(text.encode()), name="alerts", sensor="s")
    events = [event for batch in reader for event in split_lines(batch.lines)]
    return events, reader.summary


def test_a_table_of_alerts_loses_nothing() -> None:
    events, summary = read(TABLE)
    assert summary.kinds == {"alerts.header": 1, "alerts.alert": 4}
    assert len({event.id for event in events}) == 4  # the same line twice is two alerts
    assert [event.text("fengsui.parse") for event in events] == ["", "", "no_time", "ahead_of_time"]
    assert events[2].time == events[1].time
    assert [event.id for event in read(TABLE)[0]] == [event.id for event in events]
    first = events[0].fields
    assert (first["event.kind"], first["event.dataset"], first["event.module"]) == (
        "alert",
        "ids",
        "wazuh",
    )
    assert (first["host.ip"], first["host.name"], first["rule.id"]) == (
        ["172.17.131.81"],
        "mail",
        "W-Fail",
    )
    assert not [fault for event in events for fault in faults(event.fields)]


@pytest.mark.parametrize(
    ("line", "tool", "far", "level"),
    [
        (orjson.dumps(WAZUH).decode(), "wazuh", "198.51.100.9", "high"),
        (CEF, "hillstone sg", "198.51.100.9", "high"),
    ],
)
def test_wazuh_and_cef_say_who_and_how_bad(line: str, tool: str, far: str, level: str) -> None:
    ((event,), _) = read(line + "\n")
    assert (event.text("event.module"), event.text("log.level")) == (tool, level)
    assert (event.text("host.ip"), event.text("source.ip")) == ("10.0.0.5", far)
    assert not faults(event.fields)


def test_what_is_no_alert_is_left_to_others() -> None:
    eve = b'{"timestamp":"2026-01-02T03:04:05Z","event_type":"alert","alert":{"signature":"x"}}'
    program = b'{"timestamp":"2026-01-02T03:04:05Z","name":"app","level":"info","host":"a"}'
    for line in (eve, program, b'{"a":1}', b"GET / HTTP/1.1", b"#separator \\x09", b"[1,2]", b""):
        assert PARSER.sniff([line]) == 0
    assert format_of([eve]).name == "eve"  # type: ignore[union-attr]
    for line in (TABLE.splitlines()[0].encode(), CEF.encode(), orjson.dumps(WAZUH)):
        assert format_of([line]) is PARSER


@given(st.binary(max_size=300))
def test_any_line_is_an_event_or_an_error(line: bytes) -> None:
    parser = PARSER.start("x", "s")
    parser.parse(TABLE.splitlines()[0].encode())
    try:
        parsed = parser.parse(line)
    except LineError:
        return
    if parsed.event is not None:
        assert not faults(parsed.event.fields)
