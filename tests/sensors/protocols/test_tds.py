"""TDS: log-in without its password, batches, procedures, row counts, errors, encryption."""

from __future__ import annotations

from sensors.protocols import tds
from tests.sensors.protocols import data_talks as talks
from tests.sensors.protocols.data_talks import C, S
from tests.sensors.protocols.playing import a_flow, play

FLOW = a_flow(1433)


def test_a_session_is_told_request_by_request() -> None:
    events = play(tds.PROTOCOL, talks.TDS, FLOW).of("tds")
    told = [
        (e["tds.command"], e.get("tds.query"), e["tds.success"], e.get("tds.rows")) for e in events
    ]
    assert told == [
        ("login", None, True, None),
        ("sql_batch", "select * from t", True, 42),
        ("sql_batch", "select * from x", False, None),
        ("rpc", "select 1", True, 5),
    ]
    login = events[0]
    assert login["user.name"] == "sa"
    assert login["tds.client.host"] == "WS-07"
    assert login["tds.client.app"] == "sqlcmd"
    assert login["tds.database"] == "grid"
    assert login["tds.server.program"] == "Microsoft SQL Server"
    assert login["tds.server.version"] == "15.0.2000"
    assert login["tds.password_seen"] is True
    assert "geheim" not in str(events)
    assert (events[2]["tds.error_code"], events[2]["tds.error_message"]) == (208, "No table")
    assert events[3]["tds.procedure_name"] == "Sp_ExecuteSql"


def test_a_refused_log_in() -> None:
    refused = talks.TDS_ERROR + talks.tds_done(0xFD, 2, 0)
    said = [*talks.TDS[:3], (S, talks.tds(4, refused))]
    event = play(tds.PROTOCOL, said, FLOW).events[0]
    assert event["event.outcome"] == "failure"
    assert event["user.name"] == "sa"


def test_what_is_encrypted_is_told_by_its_beginning() -> None:
    hello = talks.tds(0x12, b"\x16\3\1\0\x30\1" + bytes(47))
    said = [
        (C, talks.tds_prelogin(0x12, 0)),
        (S, talks.tds_prelogin(4, 1)),
        (C, hello),
        (S, hello),
        (C, b"\x17\3\3\0\x20" + bytes(32)),
    ]
    events = play(tds.PROTOCOL, said, FLOW).events
    assert [e["tds.command"] for e in events] == ["prelogin"]
    assert events[0]["tds.encryption"] == "on"


def test_a_log_in_inside_tls_is_told_by_its_answer() -> None:
    said = [
        (C, talks.tds_prelogin(0x12, 0)),
        (S, talks.tds_prelogin(4, 0)),
        (C, talks.tds(0x12, b"\x16\3\1\0\x30\1" + bytes(47))),
        (C, b"\x17\3\3\0\x20" + bytes(32)),
        *talks.TDS[3:6],
    ]
    events = play(tds.PROTOCOL, said, FLOW).events
    assert [e["tds.command"] for e in events] == ["login", "sql_batch"]
    assert events[0]["tds.success"] is True
