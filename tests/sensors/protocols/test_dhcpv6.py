from __future__ import annotations

import ipaddress
import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols.dhcpv6 import PROTOCOL
from tests.sensors.protocols.infra_talks import ASK, TELL, dhcp6, option6
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import survives, survives_garbage

FLOW = a_flow(547, "udp", "fe80::1", "ff02::1:2", 546)
UNICAST = a_flow(547, "udp", "2001:db8::9", "2001:db8::1", 546)
DUID = option6(1, b"\0\1\0\1\x12\x34\x56\x78\x02\x00\x5e\x10\x20\x30")
ADDRESS = ipaddress.IPv6Address("2001:db8::51").packed
GIVEN = option6(3, b"\0" * 12 + option6(5, ADDRESS + struct.pack(">II", 3000, 4000)))
NAME = option6(39, b"\0\5pc-17\7example\3gov\0")
SAID = [
    (
        ASK,
        dhcp6(
            3,
            9,
            DUID,
            NAME,
            option6(6, b"\0\x17\0\x18"),
            option6(16, b"\0\0\x01\x37\0\x08MSFT 5.0"),
        ),
    ),
    (TELL, dhcp6(7, 9, DUID, option6(2, b"\0\2server"), GIVEN, option6(13, b"\0\0ok"))),
]


def test_a_transaction_is_one_event() -> None:
    (event,) = play(PROTOCOL, SAID, UNICAST).events
    assert event["dhcp.msg_types"] == ["REQUEST", "REPLY"]
    assert event["dhcp.mac"] == "02:00:5e:10:20:30"
    assert event["dhcp.client_fqdn"] == "pc-17.example.gov"
    assert event["dhcp.assigned_addr"] == "2001:db8::51"
    assert event["dhcp.lease_time"] == 4000
    assert event["dhcp.status"] == "Success"
    assert event["dhcp.client_addr"] == "2001:db8::9"
    assert event["dhcp.server_addr"] == "2001:db8::1"
    assert event["dhcp.transaction_id"] == "000009"
    assert event["dhcp.parameters"] == ["23", "24"]
    assert event["network.protocol"] == "dhcpv6"


def test_a_multicast_address_is_nobodys() -> None:
    (event,) = play(PROTOCOL, [(ASK, dhcp6(1, 3, DUID))], FLOW).events
    assert event["dhcp.client_addr"] == "fe80::1"
    assert "dhcp.server_addr" not in event


def test_a_relay_is_unwrapped() -> None:
    client = ipaddress.IPv6Address("fe80::7").packed
    link = ipaddress.IPv6Address("2001:db8::ff").packed
    said = b"\x0c\0" + link + client + option6(18, b"Gi0/1") + option6(9, SAID[0][1])
    (event,) = play(PROTOCOL, [(ASK, said)], UNICAST).events
    assert event["dhcp.relay_addr"] == "2001:db8::ff"
    assert event["dhcp.client_addr"] == "fe80::7"
    assert event["dhcp.circuit_id"] == "Gi0/1"
    assert event["dhcp.msg_types"] == ["REQUEST"]


def test_laws() -> None:
    survives(PROTOCOL, SAID, UNICAST, 150)
    assert all(PROTOCOL.recognises(data, side, UNICAST) for side, data in SAID)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=120))
def test_garbage(data: bytes) -> None:
    survives_garbage(PROTOCOL, data, FLOW)
    survives_garbage(PROTOCOL, b"\x0c" * 40 + data, FLOW)
