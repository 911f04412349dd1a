from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.radius import PROTOCOL
from tests.sensors.protocols.infra_talks import ASK, TELL, radius
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import survives, survives_garbage

FLOW = a_flow(1812, "udp")
WHO = (
    (1, b"wang"),
    (2, b"\x01" * 16),
    (31, b"00-1A-2B-3C-4D-5E"),
    (4, b"\x0a\0\0\1"),
    (66, b"192.0.2.7"),
)
SAID = [
    (ASK, radius(1, 1, *WHO)),
    (TELL, radius(11, 1, (24, b"state"), (18, b"token?"))),
    (ASK, radius(1, 2, (1, b"wang"), (24, b"state"))),
    (TELL, radius(2, 2, (8, b"\x0a\1\1\1"))),
    (ASK, radius(1, 3, (1, b"zhao"))),
    (TELL, radius(3, 3)),
    (ASK, radius(4, 4, (1, b"wang"), (40, b"\0\0\0\1"), (44, b"S1"))),
    (TELL, radius(5, 4)),
    (ASK, radius(1, 9, (1, b"qian"))),
]


def test_an_authentication_is_one_event_over_its_challenges() -> None:
    granted, refused, accounted, open_one = play(PROTOCOL, SAID, FLOW).events
    assert granted["user.name"] == "wang"
    assert granted["radius.mac"] == "00:1a:2b:3c:4d:5e"
    assert granted["radius.framed_addr"] == "10.1.1.1"
    assert granted["radius.tunnel_client"] == "192.0.2.7"
    assert granted["radius.reply_msg"] == "token?"
    assert granted["radius.nas_ip"] == "10.0.0.1"
    assert granted["radius.result"] == "success"
    assert granted["event.duration"] == 30_000_000
    assert granted["radius.password_seen"] is True
    assert (refused["user.name"], refused["radius.result"]) == ("zhao", "failed")
    assert refused["event.outcome"] == "failure"
    assert accounted["radius.acct_status_type"] == "Start"
    assert accounted["radius.acct_session_id"] == "S1"
    assert (open_one["user.name"], open_one["radius.result"]) == ("qian", "unknown")


def test_one_side_alone() -> None:
    told = play(PROTOCOL, [one for one in SAID if one[0] == TELL], FLOW).events
    assert [event.get("radius.result") for event in told] == [None, "success", "failed", None]


def test_sent_again_is_one() -> None:
    said = [(ASK, radius(1, 3, (1, b"zhao")))] * 3 + [(TELL, radius(3, 3))]
    assert len(play(PROTOCOL, said, FLOW).events) == 1


def test_laws() -> None:
    survives(PROTOCOL, SAID, FLOW, 150)
    assert all(PROTOCOL.recognises(data, side, FLOW) for side, data in SAID)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=120))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, b"\1\1\0\x40" + data, FLOW)


def test_a_request_at_any_port() -> None:
    device = bytes.fromhex("04060a010101")
    asked = b"\1\7\0\x1a" + bytes(range(16)) + device
    assert PROTOCOL.recognises(asked, 0, a_flow(9999, "udp"))
    for other in (
        b"\2" + asked[1:],
        asked[:20] + b"\x50" + asked[21:],
        asked[:3] + b"\x1b" + asked[4:],
    ):
        assert not PROTOCOL.recognises(other, 0, a_flow(9999, "udp"))
