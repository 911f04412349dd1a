"""What is inside a tunnel is a flow of its own, and its events name the tunnel."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from tests.sensors.packet.frames import (
    CLIENT,
    MS,
    SERVER,
    START,
    answer,
    ethernet,
    frame,
    ip,
    pcap,
    question,
    sense,
    udp,
)

INNER = ("10.1.1.1", 5000, "10.2.2.2", 53)
SIX = ("2001:db8::1", 5000, "2001:db8::2", 53)


def lookup(ends: tuple[str, int, str, int] = INNER) -> tuple[bytes, bytes]:
    """Network layer of a DNS question and its answer."""
    source, sport, target, dport = ends
    ask = udp(source, sport, target, dport, question(7, "in.example"))[14:]
    reply = answer(7, "in.example", 1, [(1, b"\x0a\0\0\1")])
    return ask, udp(target, dport, source, sport, reply)[14:]


def gre(payload: bytes, kind: int = 0x0800, flags: int = 0, more: bytes = b"") -> bytes:
    return struct.pack(">HH", flags, kind) + more + payload


def inside_udp(port: int, data: bytes, back: bool) -> bytes:
    ends = (SERVER, port, CLIENT, port) if back else (CLIENT, port, SERVER, port)
    return udp(*ends, data)


def outer(protocol: int, data: bytes, back: bool) -> bytes:
    source, target = (SERVER, CLIENT) if back else (CLIENT, SERVER)
    return frame(source, target, protocol, data)


def erspan(payload: bytes, back: bool) -> bytes:
    head = struct.pack(">HHI", 0x1000, 100, 0)
    return outer(47, gre(head + ethernet(payload), 0x88BE, 0x1000, b"\0\0\0\1"), back)


def erspan3(payload: bytes, back: bool) -> bytes:
    return outer(
        47, gre(struct.pack(">HHIHH", 0x2000, 101, 0, 0, 0) + ethernet(payload), 0x22EB), back
    )


def geneve(payload: bytes, back: bool) -> bytes:
    head = struct.pack(">BBHI", 1, 0, 0x6558, 9 << 8) + b"opt!"
    return inside_udp(6081, head + ethernet(payload), back)


def gtp(payload: bytes, back: bool) -> bytes:
    extension = b"\0\0\0\x85" + b"\x01\0\0\0"
    return inside_udp(
        2152, struct.pack(">BBHI", 0x34, 255, len(payload) + 8, 77) + extension + payload, back
    )


FORMS: dict[str, Any] = {
    "gre": (lambda p, back: outer(47, gre(p, flags=0x2000, more=b"\0\0\0\x05"), back), "gre", 5),
    "ethernet over gre": (lambda p, back: outer(47, gre(ethernet(p), 0x6558), back), "gre", None),
    "pptp": (
        lambda p, back: outer(
            47, gre(b"\xff\x03\0\x21" + p, 0x880B, 0x3001, struct.pack(">HHI", 4, 9, 1)), back
        ),
        "gre", 9,
    ),
    "erspan I": (lambda p, back: outer(47, gre(ethernet(p), 0x88BE), back), "erspan", None),
    "erspan II": (erspan, "erspan", 100),
    "erspan III": (erspan3, "erspan", 101),
    "ipip": (lambda p, back: outer(4, p, back), "ipip", None),
    "vxlan": (
        lambda p, back: inside_udp(4789, struct.pack(">II", 8 << 24, 42 << 8) + ethernet(p), back),
        "vxlan", 42,
    ),
    "geneve": (geneve, "geneve", 9),
    "gtp": (gtp, "gtp", 77),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_inner_flow_is_seen_and_the_tunnel_named(form: str) -> None:
    wrap, kind, number = FORMS[form]
    ask, reply = lookup()
    seen = sense(pcap([(START, wrap(ask, False)), (START + MS, wrap(reply, True))]))
    (event,) = seen.of("dns")
    assert event["dns.question.name"] == "in.example"
    assert event["dns.resolved_ip"] == ["10.0.0.1"]
    assert (event["source.ip"], event["destination.ip"]) == ("10.1.1.1", "10.2.2.2")
    assert event["fengsui.tunnel.type"] == kind
    assert event.get("fengsui.tunnel.id") == number
    assert event["fengsui.tunnel.source.ip"] == CLIENT
    assert event["fengsui.tunnel.destination.ip"] == SERVER
    flows = {flow["source.ip"]: flow for flow in seen.of("flow")}
    assert flows["10.1.1.1"]["network.packets"] == 2
    assert flows["10.1.1.1"]["fengsui.tunnel.type"] == kind
    # A tunnel over UDP is a flow besides.
    assert (CLIENT in flows) == (kind in {"vxlan", "geneve", "gtp"})


def test_ipv6_inside_ipv4_and_teredo() -> None:
    ask, reply = lookup(SIX)
    six = sense(pcap([(START, outer(41, ask, False)), (START + MS, outer(41, reply, True))]))
    assert six.of("dns")[0]["fengsui.tunnel.type"] == "6in4"
    origin = b"\0\0" + b"\x12\x34" + b"\0\0\0\0"
    packets = [
        (START, udp(CLIENT, 4000, SERVER, 3544, ask)),
        (START + MS, udp(SERVER, 3544, CLIENT, 4000, origin + reply)),
    ]
    event = sense(pcap(packets)).of("dns")[0]
    assert event["fengsui.tunnel.type"] == "teredo"
    assert event["source.ip"] == "2001:db8::1"


OTHERS = {
    "l2tp": lambda data: udp(CLIENT, 1701, SERVER, 1701, b"\0\2\0\1\0\2\xff\3\0\x21" + data),
    "ayiya": lambda data: udp(
        CLIENT, 4000, SERVER, 5072, b"\x41\x52\x11\x04" + bytes(4 + 16 + 20) + data
    ),
    "vxlan": lambda data: udp(CLIENT, 4000, SERVER, 4790, b"\x0c\0\0\1\0\0\1\0" + data),
    "etherip": lambda data: outer(97, b"\x30\0" + ethernet(data), False),
    "mpls": lambda data: udp(CLIENT, 4000, SERVER, 6635, b"\0\1\1\x40" + data),
    "gre": lambda data: outer(47, gre(b"\0\0\0\0" + data, 0x883E), False),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_rarer_tunnels(kind: str) -> None:
    ask, _ = lookup()
    event = sense(pcap([(START, OTHERS[kind](ask))])).of("dns")[0]
    assert event["fengsui.tunnel.type"] == kind
    assert event["source.ip"] == "10.1.1.1"


def test_an_access_point_sends_wireless_frames_through_its_tunnel() -> None:
    ask, _ = lookup()
    wifi = struct.pack("<HH", 0x0108, 0) + bytes(20) + b"\xaa\xaa\3\0\0\0\x08\0" + ask
    event = sense(pcap([(START, outer(47, gre(wifi, 0x8200), False))])).of("dns")[0]
    assert event["fengsui.tunnel.type"] == "gre"


def test_labels_and_sessions_below_ethernet_are_stepped_over() -> None:
    ask, reply = lookup()
    label = struct.pack(">II", 16 << 12, 17 << 12 | 0x100)
    word = b"\0\0\0\0"
    session = struct.pack(">BBHHH", 0x11, 0, 1, len(ask) + 2, 0x21)
    for frames in (
        (ethernet(label + ask, 0x8847), ethernet(label + reply, 0x8847)),
        (
            ethernet(label + word + ethernet(ask), 0x8847),
            ethernet(label + word + ethernet(reply), 0x8847),
        ),
        (ethernet(session + ask, 0x8864), ethernet(session + reply, 0x8864)),
        (ethernet(ask, tags=[5, 6]), ethernet(reply, tags=[5, 6])),
    ):
        seen = sense(pcap([(START, frames[0]), (START + MS, frames[1])]))
        (event,) = seen.of("dns")
        assert event["dns.resolved_ip"] == ["10.0.0.1"]
        assert "fengsui.tunnel.type" not in event


def test_tunnels_in_tunnels_name_the_outermost_and_end_somewhere() -> None:
    inner = ip("10.9.9.1", "10.9.9.2", 4, lookup()[0])
    seen = sense(pcap([(START, outer(47, gre(inner), False))]))
    assert seen.of("flow")[0]["fengsui.tunnel.source.ip"] == CLIENT
    deep = lookup()[0]
    for _ in range(40):
        deep = ip("10.9.9.1", "10.9.9.2", 4, deep)
    (flow,) = sense(pcap([(START, ethernet(deep))])).of("flow")
    assert flow["network.iana_number"] == "4"


def test_what_only_looks_like_a_tunnel_stays_what_it_is() -> None:
    for data in (b"", b"\x08" + b"\0" * 30, b"\x08\0\0\0\0\0\x2a\0" + b"x" * 13):
        (flow,) = sense(pcap([(START, udp(CLIENT, 4789, SERVER, 4789, data))])).of("flow")
        assert flow["source.ip"] == CLIENT
        assert "fengsui.tunnel.type" not in flow
    (flow,) = sense(pcap([(START, outer(47, gre(b"x" * 30, 0x9999), False))])).of("flow")
    assert flow["network.transport"] == "gre"
