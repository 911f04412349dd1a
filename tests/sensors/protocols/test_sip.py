"""SIP, and the commands of GB/T 28181 in it."""

from __future__ import annotations

from sensors.protocols import sip
from tests.sensors.protocols.conversations import SIP, sip_request
from tests.sensors.protocols.playing import a_flow, play

UDP = a_flow(5060, "udp")


def test_one_event_a_reply() -> None:
    events = play(sip.PROTOCOL, SIP, UDP).events
    told = [(e["sip.method"], e.get("sip.status_code")) for e in events]
    assert told == [
        ("REGISTER", 401), ("REGISTER", 200), ("MESSAGE", 200), ("INVITE", 100), ("INVITE", 200),
        ("OPTIONS", None),
    ]  # fmt: skip
    assert events[1]["user.name"] == "34020000001320000001"
    assert events[0]["sip.request_from"] == "<sip:34020000001320000001@3402000000>"
    assert events[0]["sip.request_path"] == ["SIP/2.0/UDP 192.0.2.10:5060;rport"]
    assert events[0]["event.outcome"] == "failure"
    assert len(events[4]["sip.response_path"]) == 2  # of both replies


def test_a_final_acknowledgement_is_told() -> None:
    events = play(sip.PROTOCOL, SIP[6:10], UDP).events
    assert [event["sip.method"] for event in events] == ["INVITE", "INVITE", "ACK"]


def test_commands_of_gb28181() -> None:
    _, _, message, _, invite, _ = play(sip.PROTOCOL, SIP, UDP).events
    assert message["gb28181.message_type"] == "notify"
    assert message["gb28181.command"] == "Keepalive"
    assert message["gb28181.device_id"] == "34020000001320000001"
    assert message["gb28181.to_id"] == "34020000002000000001"
    assert (invite["gb28181.session"], invite["gb28181.ssrc"]) == ("Play", "0100000001")
    assert invite["sip.media"] == ["video 6000 RTP/AVP"]


def test_catalog() -> None:
    body = (
        "<Response><CmdType>Catalog</CmdType><DeviceID>1</DeviceID><Item><DeviceID>2</DeviceID>"
        "</Item><Item><DeviceID>3</DeviceID></Item></Response>"
    )
    data = sip_request("MESSAGE", 9, ("Content-Type: Application/MANSCDP+xml",), body)
    (event,) = play(sip.PROTOCOL, [(0, data)], UDP).events
    assert (event["gb28181.device_id"], event["gb28181.item_ids"]) == ("1", ["2", "3"])


def test_an_acknowledgement_alone() -> None:
    (event,) = play(sip.PROTOCOL, [(0, sip_request("ACK", 1))], UDP).events
    assert event["sip.method"] == "ACK"


def test_a_long_body_is_passed_over() -> None:
    data = sip_request("MESSAGE", 1, ("Content-Type: text/plain",), "x" * 100_000)
    events = play(
        sip.PROTOCOL, [(0, data + sip_request("BYE", 2))], a_flow(5060), piece=1000
    ).events
    assert [event["sip.method"] for event in events] == ["MESSAGE", "BYE"]
