"""PostgreSQL: Zeek's rows, the extended protocol, TLS, errors."""

from __future__ import annotations

import struct

from sensors.protocols import postgresql
from tests.sensors.protocols import data_talks as talks
from tests.sensors.protocols.data_talks import PG_ERROR, PG_READY, C, S, pg, pg_start
from tests.sensors.protocols.playing import a_flow, play

FLOW = a_flow(5432)
TLS = struct.pack(">II", 8, 80877103)


def test_a_session_is_told_as_zeek_tells_it() -> None:
    events = play(postgresql.PROTOCOL, talks.POSTGRESQL, FLOW).of("postgresql")
    told = [
        (
            e["postgresql.frontend"],
            e.get("postgresql.backend"),
            e.get("postgresql.success"),
            e.get("postgresql.rows"),
        )
        for e in events
    ]
    assert told == [
        ("ssl_request", "ssl_reply", False, None),
        ("startup", "auth_ok", True, None),
        ("simple_query", None, True, 40),
        ("simple_query", "error", False, None),
        ("extended_query", None, True, 0),
        ("terminate", None, None, None),
    ]
    assert events[1]["postgresql.backend_arg"] == "MD5Password"
    assert events[1]["user.name"] == "li"
    assert events[3]["postgresql.error_code"] == "42P01"
    assert events[4]["postgresql.frontend_arg"] == "update t set a=$1"
    assert events[4]["postgresql.command_tag"] == ["UPDATE 7"]


def test_tls_is_handed_on() -> None:
    found = play(postgresql.PROTOCOL, [(C, TLS), (S, b"S"), (C, b"\x16\3\1\0")], FLOW)
    assert [e["postgresql.success"] for e in found.events] == [True]
    assert not found.losses


def test_a_failed_log_in() -> None:
    fatal = pg(b"E", b"SFATAL\0C28P01\0Mwrong password\0\0")
    said = [
        (C, pg_start(user="li")),
        (S, pg(b"R", struct.pack(">I", 3))),
        (C, pg(b"p", b"geheim\0")),
        (S, fatal),
    ]
    events = play(postgresql.PROTOCOL, said, FLOW).events
    assert len(events) == 1
    assert events[0]["postgresql.backend"] == "auth_request,error"
    assert events[0]["event.outcome"] == "failure"
    assert events[0]["postgresql.password_seen"] is True
    assert "geheim" not in str(events)


def test_queries_in_a_row_keep_their_answers() -> None:
    said = [
        (C, pg_start(user="li")),
        (S, pg(b"R", bytes(4)) + PG_READY),
        (C, pg(b"Q", b"a\0") + pg(b"Q", b"b\0")),
        (S, PG_ERROR + PG_READY + pg(b"C", b"SELECT 0\0") + PG_READY),
    ]
    events = play(postgresql.PROTOCOL, said, FLOW).events
    assert [(e.get("postgresql.frontend_arg"), e["postgresql.success"]) for e in events[1:]] == [
        ("a", False),
        ("b", True),
    ]


def test_a_statement_that_does_not_parse_is_told() -> None:
    said = [
        (C, pg_start(user="li")),
        (S, pg(b"R", bytes(4)) + PG_READY),
        (C, pg(b"P", b"\0selec\0\0\0") + pg(b"S", b"")),
        (S, PG_ERROR + PG_READY),
    ]
    last = play(postgresql.PROTOCOL, said, FLOW).events[-1]
    assert (last["postgresql.frontend_arg"], last["postgresql.success"]) == ("selec", False)


def test_a_request_to_cancel() -> None:
    said = [(C, struct.pack(">IIII", 16, 80877102, 1, 2))]
    assert play(postgresql.PROTOCOL, said, FLOW).events[0]["event.action"] == "cancel_request"


def test_a_server_alone_tells_its_errors() -> None:
    said = [(S, PG_ERROR + PG_READY)]
    events = play(postgresql.PROTOCOL, said, FLOW).events
    assert [e["postgresql.error_code"] for e in events] == ["42P01"]


def test_a_client_alone_shows_its_queries() -> None:
    said = [(side, data) for side, data in talks.POSTGRESQL if side == C]
    told = [e["postgresql.frontend"] for e in play(postgresql.PROTOCOL, said, FLOW).events]
    assert told[:4] == ["ssl_request", "startup", "simple_query", "simple_query"]
    assert told[-1] == "terminate"
