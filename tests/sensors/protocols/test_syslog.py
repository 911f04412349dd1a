from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.syslog import PROTOCOL
from tests.sensors.protocols.infra_talks import ASK
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import same_in_pieces, survives, survives_garbage

UDP = a_flow(514, "udp")
TCP = a_flow(601)
LINE = b"<34>Oct 11 22:14:15 host su: 'su root' failed"


def test_a_datagram() -> None:
    (event,) = play(PROTOCOL, [(ASK, LINE + b"\n")], UDP).events
    assert event["log.syslog.facility.name"] == "AUTH"
    assert event["log.syslog.severity.name"] == "CRIT"
    assert event["log.syslog.priority"] == 34
    assert event["message"] == "Oct 11 22:14:15 host su: 'su root' failed"


def test_chinese_and_long_messages() -> None:
    said = [(ASK, b"<14>" + "登录失败".encode("gb18030")), (ASK, b"<14>" + b"x" * 9000)]
    first, second = play(PROTOCOL, said, UDP).events
    assert first["message"] == "登录失败"
    assert len(second["message"]) == 2048


def test_both_framings_of_a_stream() -> None:
    lines = [(ASK, LINE + b"\n" + LINE + b"\n"), (ASK, LINE)]
    counted = [(ASK, b"%d " % len(LINE) + LINE) for _ in range(3)]
    for said in (lines, counted):
        assert len(play(PROTOCOL, said, TCP).events) == 3
        same_in_pieces(PROTOCOL, said, TCP)
        survives(PROTOCOL, said, TCP)


def test_recognition_wants_a_priority() -> None:
    assert PROTOCOL.recognises(LINE, ASK, UDP)
    assert PROTOCOL.recognises(b"<34>1 2003-10-11T22:14:15Z h a - - -", ASK, a_flow(6514))
    assert not PROTOCOL.recognises(b"<html>", ASK, a_flow(8080))
    assert not PROTOCOL.recognises(b"<999>x", ASK, UDP)
    assert not PROTOCOL.recognises(b"<?xml version", ASK, a_flow(3702, "udp"))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, UDP)
    survives_garbage(PROTOCOL, b"<1" + data, TCP)
