from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.rdp import PROTOCOL
from tests.sensors.protocols.infra_talks import (
    ASK,
    TELL,
    rdp_client,
    rdp_confirm,
    rdp_request,
    rdp_server,
)  # fmt: skip
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import same_in_pieces, survives, survives_garbage

FLOW = a_flow(3389)
COOKIE = b"Cookie: mstshash=zhangsan\r\n"
OLD = [
    (ASK, rdp_request(COOKIE, 0)),
    (TELL, rdp_confirm(None)),
    (ASK, rdp_client()),
    (TELL, rdp_server(2, 2)),
    (ASK, b"\x03\x00\x00\x0c\x02\xf0\x80\x04\x01\x00\x01\x00"),
]
TLS = [(ASK, rdp_request(COOKIE, 11)), (TELL, rdp_confirm(2, 2)), (ASK, b"\x16\x03\x01\x00\x10")]


def test_native_encryption_shows_client_and_server() -> None:
    (event,) = play(PROTOCOL, OLD, FLOW).events
    assert event["rdp.cookie"] == event["user.name"] == "zhangsan"
    assert event["rdp.result"] == "Success"
    assert event["rdp.security_protocol"] == "RDP"
    assert event["rdp.keyboard_layout"] == "Chinese - People's Republic of China"
    assert event["rdp.client_build"] == "RDP 7.1"
    assert event["rdp.client_name"] == "DESK-01"
    assert event["rdp.client_dig_product_id"] == "PRODUCT"
    assert (event["rdp.desktop_width"], event["rdp.desktop_height"]) == (1280, 800)
    assert event["rdp.requested_color_depth"] == "24bit"
    assert event["rdp.client_channels"] == ["rdpdr", "cliprdr"]
    assert event["rdp.encryption_method"] == "128bit"
    assert event["rdp.encryption_level"] == "Client compatible"
    assert (event["rdp.cert_type"], event["rdp.cert_count"]) == ("RSA", 1)
    assert event["rdp.cert_permanent"] is True


def test_a_negotiated_tls_ends_it_and_the_event_is_of_the_request() -> None:
    played = play(PROTOCOL, TLS, FLOW)
    (event,) = played.events
    assert event["rdp.security_protocol"] == "HYBRID"
    assert event["rdp.result"] == "encrypted"
    assert event["rdp.requested_protocols"] == ["SSL", "HYBRID", "HYBRID_EX"]
    assert event["@timestamp"].endswith(".010000Z")
    assert played.losses == {}


def test_a_refusal_and_a_token() -> None:
    token = b"Cookie: msts=3640205228.15629.0000\r\n"
    said = [(ASK, rdp_request(token, 0)), (TELL, rdp_confirm(3, 5))]
    (event,) = play(PROTOCOL, said, FLOW).events
    assert event["rdp.result"] == "HYBRID_REQUIRED_BY_SERVER"
    assert event["event.outcome"] == "failure"
    assert event["rdp.routing_token"].startswith("Cookie: msts=")


def test_laws() -> None:
    for said in (OLD, TLS):
        same_in_pieces(PROTOCOL, said, FLOW)
        survives(PROTOCOL, said, FLOW)
        assert all(PROTOCOL.recognises(data, side, FLOW) for side, data in said[:2])
    (event,) = play(PROTOCOL, OLD[:1], FLOW).events
    assert event["rdp.cookie"] == "zhangsan"
    (event,) = play(PROTOCOL, [one for one in OLD if one[0] == TELL], FLOW).events
    assert event["rdp.result"] == "Success"


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, b"\3\0\0\x40\2\xf0\x80\x7f\x65" + data + b"Duca" + data, FLOW)
