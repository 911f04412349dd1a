from __future__ import annotations

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.xmpp import PROTOCOL
from tests.sensors.protocols.infra_talks import ASK, TELL
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import survives, survives_garbage

FLOW = a_flow(5222)
SPACES = b" xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
BEGIN = [
    (ASK, b"<?xml version='1.0'?><stream:stream to='Chat.example'" + SPACES),
    (TELL, b"<?xml version='1.0'?><stream:stream from='chat.example' id='1'" + SPACES),
]
SASL = b"xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
PLAIN = base64.b64encode(b"\0ann\0secret")
LOG_IN = [*BEGIN, (ASK, b"<auth " + SASL + b' mechanism="PLAIN">' + PLAIN + b"</auth>")]
GOOD = [
    *LOG_IN,
    (TELL, b"<success " + SASL + b"/>"),
    (TELL, b"<iq type='result'><bind><jid>ann@chat.example/desk</jid></bind></iq>"),
]


def test_a_log_in() -> None:
    played = play(PROTOCOL, GOOD, FLOW)
    (event,) = played.events
    assert (event["xmpp.to"], event["destination.domain"]) == ("Chat.example", "chat.example")
    assert (event["user.name"], event["xmpp.mechanism"]) == ("ann", "PLAIN")
    assert event["xmpp.jid"] == "ann@chat.example/desk"
    assert event["event.outcome"] == "success"
    assert "secret" not in str(event)
    assert len(play(PROTOCOL, GOOD, FLOW, piece=1).events) == 1


def test_a_log_in_that_fails() -> None:
    refused = b"<failure " + SASL + b"><not-authorized/></failure></stream:stream>"
    (event,) = play(PROTOCOL, [*LOG_IN, (TELL, refused)], FLOW).events
    assert (event["event.outcome"], event["xmpp.error"]) == ("failure", "not-authorized")


def test_a_stream_that_goes_over_to_tls() -> None:
    tls = b"xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
    said = [*BEGIN, (ASK, b"<starttls " + tls + b"/>"), (TELL, b"<proceed " + tls + b"/>")]
    (event,) = play(PROTOCOL, said, FLOW).events
    assert event["xmpp.tls"] is True


def test_laws() -> None:
    survives(PROTOCOL, GOOD, FLOW, 120)
    assert PROTOCOL.recognises(BEGIN[0][1], 0, FLOW)
    assert not PROTOCOL.recognises(b"<?xml version='1.0'?><html>", 0, FLOW)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=80))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, BEGIN[0][1] + data, FLOW)
