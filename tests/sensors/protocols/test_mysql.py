"""MySQL: one event a command, results counted, TLS handed on; and real captures."""

from __future__ import annotations

import struct

from sensors.protocols import mysql
from tests.sensors.protocols import data_talks as talks
from tests.sensors.protocols.data_talks import C, S, my
from tests.sensors.protocols.playing import a_flow, play

FLOW = a_flow(3306)


def test_a_session_is_told_command_by_command() -> None:
    events = play(mysql.PROTOCOL, talks.MYSQL, FLOW).of("mysql")
    told = [
        (e["mysql.cmd"], e.get("mysql.arg"), e.get("mysql.success"), e.get("mysql.rows"))
        for e in events
    ]
    assert told == [
        ("login", "li", True, 0),
        ("query", "select a from t", True, 300),
        ("query", "drop table x", False, None),
        ("query", "update t set a=1", True, 7),
        ("quit", None, None, None),
    ]
    assert {e["mysql.server_version"] for e in events} == {"8.0.36"}
    assert {e["mysql.database"] for e in events} == {"grid"}
    assert events[1]["mysql.response_bytes"] == len(talks.my_rows(300))
    assert events[2]["mysql.error_code"] == 1051
    assert events[2]["mysql.response"] == "Unknown table 'grid.x'"


def test_a_request_for_tls_hands_the_flow_on_and_tells_the_server() -> None:
    wish = my(1, struct.pack("<IIB", 0xAA00 | 0x800 | 0x200, 1 << 24, 45) + bytes(23))
    found = play(mysql.PROTOCOL, [(S, talks.my_greeting()), (C, wish), (C, b"\x16\3\1")], FLOW)
    assert len(found.events) == 1
    assert found.events[0]["mysql.tls"] is True
    assert found.events[0]["mysql.server_version"] == "8.0.36"


def test_a_refusal_before_the_log_in() -> None:
    found = play(mysql.PROTOCOL, [(S, talks.my_error(0, 1130, b"Host is not allowed"))], FLOW)
    assert found.events[0]["mysql.success"] is False
    assert found.events[0]["mysql.error_code"] == 1130


def test_a_client_alone_shows_its_commands() -> None:
    said = [(side, data) for side, data in talks.MYSQL if side == C]
    events = play(mysql.PROTOCOL, said, FLOW).events
    assert [e["mysql.cmd"] for e in events] == ["login", "query", "query", "query", "quit"]
    assert "mysql.success" not in events[1]


def test_a_flow_met_in_the_middle() -> None:
    said = [(C, my(0, b"\3select 1")), (S, talks.my_rows(1))]
    assert play(mysql.PROTOCOL, said, FLOW).events[0]["mysql.rows"] == 1


def test_a_flow_met_from_the_server_has_the_client_as_its_source() -> None:
    said = [(1 - side, data) for side, data in talks.MYSQL]
    event = play(mysql.PROTOCOL, said, FLOW).events[0]
    assert event["destination.port"] == FLOW.source_port
    assert event["mysql.arg"] == "li"


def test_a_long_row_is_counted_and_not_kept() -> None:
    row = b"\xfd\x40\x42\x0f" + b"x" * 1_000_000
    said = [
        (C, my(0, b"\3select big")),
        (S, my(1, b"\1") + my(2, b"\3def" + bytes(20)) + my(3, talks.MY_EOF) + my(4, row)),
        (S, my(5, talks.MY_EOF)),
    ]
    event = play(mysql.PROTOCOL, said, FLOW, piece=1400).events[0]
    assert event["mysql.rows"] == 1
    assert event["mysql.response_bytes"] > 1_000_000


def test_several_results_of_one_query_are_one_event() -> None:
    more = b"\xfe\0\0\x0a\0"
    said = [
        (C, my(0, b"\3call p()")),
        (S, talks.my_rows(3)[: -len(my(0, talks.MY_EOF))] + my(9, more)),
        (S, talks.my_rows(2, 10) + my(20, talks.MY_OK)),
    ]
    events = play(mysql.PROTOCOL, said, FLOW).events
    assert [e["mysql.rows"] for e in events] == [5]


def test_a_password_in_clear_is_seen_and_not_told() -> None:
    said = [
        (S, talks.my_greeting()),
        (C, talks.my_login()),
        (S, my(2, b"\xfemysql_clear_password\0")),
        (C, my(3, b"geheim\0")),
        (S, my(4, talks.MY_OK)),
    ]
    event = play(mysql.PROTOCOL, said, FLOW).events[0]
    assert event["mysql.password_seen"] is True
    assert "geheim" not in str(event)
