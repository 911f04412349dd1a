"""SOCKS: one event a connection, and what is tunnelled is recognised by itself."""

from __future__ import annotations

from sensors.protocols import redis, socks
from tests.sensors.protocols import tunnel_talks as talks
from tests.sensors.protocols.data_talks import C, S, resp
from tests.sensors.protocols.playing import a_flow, play

FLOW = a_flow(1080)


def test_version_5_with_a_password() -> None:
    event = play(socks.PROTOCOL, talks.SOCKS5, FLOW).events[0]
    assert event["socks.version"] == 5
    assert event["user.name"] == "li"
    assert event["socks.status"] == "succeeded"
    assert (event["socks.request.name"], event["socks.request_p"]) == ("example.org", 443)
    assert (event["socks.bound.host"], event["socks.bound_p"]) == ("192.0.2.7", 0x1234)
    assert "pwd" not in str(event)


def test_version_4a_refused() -> None:
    event = play(socks.PROTOCOL, talks.SOCKS4, FLOW).events[0]
    assert event["socks.status"] == "general SOCKS server failure"
    assert event["socks.request.name"] == "example.org"
    assert event["event.outcome"] == "failure"


def test_version_5_without_a_log_in_by_address() -> None:
    said = [
        (C, b"\5\1\0"),
        (S, b"\5\0"),
        (C, b"\5\1\0\4" + bytes(15) + b"\1\0\x50"),
        (S, b"\5\5\0\1" + bytes(6)),
    ]
    event = play(socks.PROTOCOL, said, FLOW).events[0]
    assert event["socks.request.host"] == "::1"
    assert event["socks.status"] == "Connection refused"


def test_a_client_alone() -> None:
    said = [(C, b"\5\1\0"), (C, b"\5\1\0\1\xc0\0\2\1\0\x50")]
    events = play(socks.PROTOCOL, said, FLOW).events
    assert [e["socks.request.host"] for e in events] == ["192.0.2.1"]


def test_no_method_is_acceptable() -> None:
    events = play(socks.PROTOCOL, [(C, b"\5\1\2"), (S, b"\5\xff")], FLOW).events
    assert [e["socks.auth_method"] for e in events] == ["No Acceptable Methods"]


def test_what_is_tunnelled_is_recognised() -> None:
    said = [*talks.SOCKS5[:-1], (C, resp(b"GET", b"k")), (S, b"$1\r\nv\r\n")]
    events = play([socks.PROTOCOL, redis.PROTOCOL], said, FLOW).events
    assert [e["network.protocol"] for e in events] == ["socks", "redis"]


def test_what_comes_in_the_same_bytes_as_the_grant_is_recognised_too() -> None:
    said = [(side, data) for side, data in talks.SOCKS5[:5]]
    said += [(S, talks.SOCKS5[5][1]), (C, resp(b"GET", b"k")), (S, b"$1\r\nv\r\n")]
    events = play([socks.PROTOCOL, redis.PROTOCOL], said, FLOW).events
    assert [e["event.dataset"] for e in events] == ["socks", "redis"]


def test_tls_in_the_same_bytes_as_the_answer_is_handed_on() -> None:
    from sensors.protocols import postgresql, tls

    said = [(C, b"\0\0\0\x08\x04\xd2\x16\x2f\x16\3\1\0"), (S, b"S")]
    found = play([postgresql.PROTOCOL, tls.PROTOCOL], said, a_flow(5432))
    assert found.of("postgresql")[0]["postgresql.success"] is True
    assert not found.losses
