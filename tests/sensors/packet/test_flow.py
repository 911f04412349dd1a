"""Flow events: states, histories, counters, ends, community ids."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import struct

import pytest

from tests.sensors.packet.frames import (
    CLIENT,
    MS,
    SERVER,
    START,
    Connection,
    frame,
    pcap,
    sense,
    tcp,
    udp,
)


def test_a_whole_connection() -> None:
    web = Connection(9999).open()
    web.say(0, b"x" * 3000)
    web.say(1, b"y" * 10)
    (flow,) = sense(web.close().pcap()).of("flow")
    assert flow["zeek.connection.state"] == "SF"
    assert flow["zeek.connection.history"] == "ShADadFf"
    assert (flow["client.bytes"], flow["server.bytes"]) == (3000, 10)
    assert (
        flow["source.packets"] + flow["destination.packets"]
        == flow["network.packets"]
        == len(web.packets)
    )
    assert flow["source.bytes"] == 3000 + 40 * flow["source.packets"]
    assert flow["event.duration"] == (len(web.packets) - 1) * 10 * MS
    assert flow["event.start"] == flow["@timestamp"]
    assert "fengsui.one_sided" not in flow


def segments(*turns: tuple[int, str]) -> bytes:
    web = Connection(9999)
    for side, flags in turns:
        web.send(side, flags)
    return web.pcap()


@pytest.mark.parametrize(
    ("turns", "state"),
    [
        ([(0, "S")], "S0"),
        ([(0, "S"), (1, "RA")], "REJ"),
        ([(0, "S"), (1, "SA"), (0, "A")], "S1"),
        ([(0, "S"), (1, "SA"), (0, "A"), (0, "FA")], "S2"),
        ([(0, "S"), (1, "SA"), (0, "A"), (1, "FA")], "S3"),
        ([(0, "S"), (1, "SA"), (0, "A"), (0, "R")], "RSTO"),
        ([(0, "S"), (1, "SA"), (0, "A"), (1, "R")], "RSTR"),
        ([(0, "S"), (0, "R")], "RSTOS0"),
        ([(0, "S"), (0, "FA")], "SH"),
        ([(1, "SA"), (1, "FA")], "SHR"),
        ([(0, "A"), (1, "A")], "OTH"),
    ],
)
def test_states(turns: list[tuple[int, str]], state: str) -> None:
    (flow,) = sense(segments(*turns)).of("flow")
    assert flow["zeek.connection.state"] == state
    assert flow["source.ip"] == CLIENT


def test_a_port_used_again_is_another_flow() -> None:
    first = Connection().open().close()
    second = Connection(start=first.time + 100 * MS).open().close()
    flows = sense(pcap([*first.packets, *second.packets])).of("flow")
    assert len(flows) == 2
    assert len({flow["zeek.session_id"] for flow in flows}) == 2
    assert len({flow["network.community_id"] for flow in flows}) == 1


def test_silence_ends_flows() -> None:
    packets = [(START + n * 70_000 * MS, udp(CLIENT, 5000, SERVER, 9999, b"x")) for n in range(3)]
    flows = sense(pcap(packets)).of("flow")
    assert [flow["network.packets"] for flow in flows] == [1, 1, 1]
    assert {flow["zeek.connection.state"] for flow in flows} == {"S0"}
    assert all(flow["fengsui.one_sided"] for flow in flows)


def test_midstream_from_a_server() -> None:
    (flow,) = sense(pcap([(START, tcp(SERVER, 443, CLIENT, 50_000, "A", 1, 1))])).of("flow")
    assert flow["source.ip"] == CLIENT
    assert flow["zeek.connection.history"] == "^a"


def reckoned(source: str, sport: int, target: str, dport: int, protocol: int) -> str:
    ends = sorted(
        [(ipaddress.ip_address(source).packed, sport), (ipaddress.ip_address(target).packed, dport)]
    )
    data = b"\0\0" + ends[0][0] + ends[1][0] + bytes([protocol, 0])
    data += struct.pack(">HH", ends[0][1], ends[1][1])
    return "1:" + base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


@pytest.mark.parametrize(
    ("source", "sport", "target", "dport", "known"),
    [
        ("192.168.1.52", 54585, "8.8.8.8", 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
        ("255.0.0.1", 1, "1.0.0.1", 2, ""),
        ("fe80::1", 7, "2001:db8::9", 6, ""),
        ("2001:db8::1", 9, "2001:db8::1", 8, ""),
    ],
)
def test_community_id(source: str, sport: int, target: str, dport: int, known: str) -> None:
    (flow,) = sense(pcap([(START, udp(source, sport, target, dport, b"x"))])).of("flow")
    assert flow["network.community_id"] == (known or reckoned(source, sport, target, dport, 17))


def test_icmp_types_stand_for_ports() -> None:
    ping = struct.pack(">BBHHH", 8, 0, 0, 1, 1) + b"data"
    pong = struct.pack(">BBHHH", 0, 0, 0, 1, 1) + b"data"
    gone = struct.pack(">BBHI", 3, 1, 0, 0)
    packets = [
        (START, frame("192.168.0.89", "192.168.0.1", 1, ping)),
        (START + MS, frame("192.168.0.1", "192.168.0.89", 1, pong)),
        (START + 2 * MS, frame("192.168.0.1", "192.168.0.89", 1, gone)),
    ]
    echo, unreachable = sorted(sense(pcap(packets)).of("flow"), key=lambda flow: flow["@timestamp"])
    assert echo["network.community_id"] == "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="
    assert (echo["source.port"], echo["destination.port"], echo["icmp.type"]) == (8, 0, 8)
    assert echo["destination.packets"] == 1
    assert (unreachable["icmp.type"], unreachable["icmp.code"]) == (3, 1)


def test_other_transports_are_flows_without_ports() -> None:
    (flow,) = sense(pcap([(START, frame(CLIENT, SERVER, 47, b"\0" * 8))])).of("flow")
    assert (flow["network.transport"], flow["network.iana_number"]) == ("gre", "47")
    assert "source.port" not in flow
