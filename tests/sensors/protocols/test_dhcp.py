from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.loss import Losses
from sensors.protocols.dhcp import PROTOCOL
from sensors.sessions import Sessions
from tests.sensors.protocols.dissected import dissected
from tests.sensors.protocols.infra_talks import ASK, TELL, dhcp
from tests.sensors.protocols.playing import START, a_flow, checked, common_of, play, play_capture
from tests.sensors.protocols.text_laws import survives, survives_garbage

FLOW = a_flow(67, "udp", source_port=68)
SERVER = (
    (54, b"\xc6\x33\x64\x14"),
    (51, b"\0\0\x0e\x10"),
    (1, b"\xff\xff\xff\0"),
    (6, b"\x08\x08\x08\x08"),
)
SAID = [
    (
        ASK,
        dhcp(
            False,
            5,
            (53, b"\1"),
            (12, b"pc-17"),
            (55, b"\1\3\6"),
            (60, b"MSFT 5.0"),
            (51, b"\0\0\0\1"),
        ),
    ),
    (TELL, dhcp(True, 5, (53, b"\2"), *SERVER, yours=b"\xc0\0\2\x33")),
    (
        ASK,
        dhcp(
            False,
            5,
            (53, b"\3"),
            (50, b"\xc0\0\2\x33"),
            (81, b"\0\0\0pc-17.example.gov"),
            (61, b"\1\x02\x00\x5e\x10\x20\x31"),
        ),
    ),
    (TELL, dhcp(True, 5, (53, b"\5"), (15, b"example.gov"), *SERVER, yours=b"\xc0\0\2\x33")),
]


def test_a_transaction_is_one_event() -> None:
    (event,) = play(PROTOCOL, SAID, FLOW).events
    assert event["dhcp.msg_types"] == ["DISCOVER", "OFFER", "REQUEST", "ACK"]
    assert event["dhcp.mac"] == "02:00:5e:10:20:31"  # of the client identifier
    assert event["dhcp.host_name"] == "pc-17"
    assert event["dhcp.client_fqdn"] == "pc-17.example.gov"
    assert event["dhcp.domain"] == "example.gov"
    assert event["dhcp.requested_addr"] == event["dhcp.assigned_addr"] == "192.0.2.51"
    assert event["dhcp.client_addr"] == "192.0.2.10"
    assert event["dhcp.server_addr"] == "198.51.100.20"
    assert event["dhcp.lease_time"] == 3600
    assert event["dhcp.vendor_class"] == "MSFT 5.0"
    assert event["dhcp.parameters"] == ["1", "3", "6"]
    assert event["dhcp.dns_servers"] == ["8.8.8.8"]
    assert event["dhcp.transaction_id"] == "00000005"
    assert event["event.duration"] == 30_000_000


def test_a_transaction_that_crosses_flows_is_one_event() -> None:
    losses = Losses()
    sessions = Sessions({"dhcp": PROTOCOL}, losses)
    asked = a_flow(67, "udp", "0.0.0.0", "255.255.255.255", 68)
    told = a_flow(68, "udp", "198.51.100.20", "192.0.2.51", 67)
    for number, flow in ((1, asked), (2, told)):
        sessions.begin(number, flow, common_of(flow), f"C{number}", "dhcp")
    for at, (side, data) in enumerate(SAID):
        sessions.data(1 if side == ASK else 2, 0, data, START + at)
    sessions.end_all()
    (event,) = checked(sessions, [PROTOCOL])
    assert event["dhcp.msg_types"] == ["DISCOVER", "OFFER", "REQUEST", "ACK"]
    assert event["dhcp.host_name"] == "pc-17"
    assert event["dhcp.server_addr"] == "198.51.100.20"
    assert (event["source.ip"], event["source.port"]) == ("0.0.0.0", 68)


def test_a_transaction_of_which_only_answers_are_seen() -> None:
    told = a_flow(68, "udp", "198.51.100.20", "192.0.2.51", 67)
    (event,) = play(PROTOCOL, [(0, SAID[1][1]), (0, SAID[3][1])], told).events
    assert event["dhcp.msg_types"] == ["OFFER", "ACK"]
    assert event["source.port"] == 68  # the client's side


def test_a_broadcast_flow_of_many_clients_has_an_event_each() -> None:
    flow = a_flow(67, "udp", "0.0.0.0", "255.255.255.255", 68)
    said = [(ASK, dhcp(False, number, (53, b"\1"))) for number in range(300)]
    events = play(PROTOCOL, said, flow).events
    assert len(events) == 300
    assert all("dhcp.client_addr" not in event for event in events)


def test_what_a_relay_adds_and_a_refusal() -> None:
    relay = (82, b"\1\4Gi01\2\6\0\1\2\3\4\5")
    said = [
        (ASK, dhcp(False, 8, (53, b"\3"), relay)),
        (TELL, dhcp(True, 8, (53, b"\6"), (56, b"wrong address"))),
    ]
    (event,) = play(PROTOCOL, said, FLOW).events
    assert event["dhcp.circuit_id"] == "Gi01"
    assert event["dhcp.remote_id"] == "00:01:02:03:04:05"
    assert event["dhcp.server_message"] == "wrong address"


def test_bootp_without_options() -> None:
    (event,) = play(PROTOCOL, [(ASK, dhcp(False, 1)[:236])], FLOW).events
    assert event["dhcp.msg_types"] == ["BOOTREQUEST"]


def test_laws() -> None:
    survives(PROTOCOL, SAID, FLOW, 150)
    assert all(PROTOCOL.recognises(data, side, FLOW) for side, data in SAID)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=120))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, dhcp(False, 1)[:240] + data, FLOW)


def test_a_capture_as_tshark_sees_it(bench: Callable[[str], Path], tmp_path: Path) -> None:
    path = bench("attacks/c2/test7-malicious.pcap.zst")
    names = ("dhcp.option.hostname", "dhcp.ip.your", "dhcp.hw.mac_addr")
    rows = dissected(path, tmp_path, "dhcp", *names)
    events = play_capture(path, [PROTOCOL]).events
    assert sum(len(event["dhcp.msg_types"]) for event in events) == len(rows)
    assert {row[0] for row in rows if row[0]} == {
        event["dhcp.host_name"] for event in events if "dhcp.host_name" in event
    }
    assert {row[1] for row in rows} - {"0.0.0.0", ""} == {
        event["dhcp.assigned_addr"] for event in events if "dhcp.assigned_addr" in event
    }
