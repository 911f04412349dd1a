"""Whose packet it is, in and out of tunnels; the compiled hash and the plain one are the same."""

from __future__ import annotations

import ipaddress
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.errors import InputError
from sensors.keeping.flow_key import make_key
from sensors.keeping.headers import FRAGMENT, LATER, MAX_LEVELS
from sensors.keeping.records import index_records, levels_of
from tests.sensors.packet.frames import (
    CLIENT,
    SERVER,
    START,
    ethernet,
    frame,
    ip,
    pcap,
    sense,
    tcp,
    udp,
)
from tests.sensors.packet.test_links import LINKS, bundled
from tests.sensors.packet.test_tunnels import OTHERS

IN4 = ip("10.1.1.5", "10.2.2.6", 17, struct.pack(">HHHH", 5000, 53, 12, 0) + b"abcd")
IN6 = ip("2001:db8::5", "2001:db8::6", 17, struct.pack(">HHHH", 5000, 53, 12, 0) + b"abcd")
KEY4 = make_key("10.2.2.6", 53, "10.1.1.5", 5000, "udp")
KEY6 = make_key("2001:db8::6", 53, "2001:db8::5", 5000, "udp")
INNER = ethernet(IN4)
QUESTION = struct.pack(">HHHH", 5000, 53, 20, 0) + bytes(12)
MPLS = struct.pack(">II", 100 << 12, 200 << 12 | 1 << 8)


def hashes(data: bytes, link: int = 1) -> list[int]:
    records = pcap([(START, data)], nano=True)[24:]
    return [int(h) for h in index_records(records, link).hashes]


def over_udp(port: int, head: bytes, inner: bytes) -> bytes:
    return udp(CLIENT, 40_000, SERVER, port, head + inner)


def with_header(packet: bytes) -> bytes:
    """An IPv4 packet with an authentication header (RFC 4302) before its transport."""
    head = packet[:2] + struct.pack(">H", len(packet) + 24) + packet[4:9] + b"\x33" + packet[10:20]
    return head + bytes([packet[9], 4]) + bytes(22) + packet[20:]


TUNNELS = {
    "plain": INNER,
    "vlan": ethernet(IN4, tags=[10]),
    "qinq": ethernet(IN4, tags=[10, 20]),
    "mpls": ethernet(MPLS + IN4, 0x8847),
    "pseudowire": ethernet(MPLS + bytes(4) + INNER, 0x8847),
    "pseudowire without control word": ethernet(MPLS + b"\x12" + INNER[1:], 0x8847),
    "vn-tag": ethernet(bytes(4) + b"\x08\0" + IN4, 0x8926),
    "authenticated": ethernet(with_header(IN4)),
    "pppoe": ethernet(struct.pack(">BBHHH", 0x11, 0, 1, len(IN4) + 2, 0x21) + IN4, 0x8864),
    "snap": ethernet(b"\xaa\xaa\x03\0\0\0\x08\0" + IN4, len(IN4) + 8),
    "ipip": frame(CLIENT, SERVER, 4, IN4),
    "gre": frame(CLIENT, SERVER, 47, struct.pack(">HH", 0, 0x0800) + IN4),
    "gre with key": frame(CLIENT, SERVER, 47, struct.pack(">HHI", 0x2000, 0x0800, 7) + IN4),
    "gre ethernet": frame(CLIENT, SERVER, 47, struct.pack(">HH", 0, 0x6558) + INNER),
    "erspan 2": frame(CLIENT, SERVER, 47, struct.pack(">HHI8x", 0x1000, 0x88BE, 1) + INNER),
    "erspan 3": frame(CLIENT, SERVER, 47, struct.pack(">HHI12x", 0x1000, 0x22EB, 1) + INNER),
    "vxlan": over_udp(4789, struct.pack(">II", 0x08000000, 5 << 8), INNER),
    "vxlan, Linux": over_udp(8472, struct.pack(">II", 0x08000000, 5 << 8), INNER),
    "geneve": over_udp(6081, struct.pack(">BBHI4x", 1, 0, 0x6558, 5 << 8), INNER),
    "gtp": over_udp(2152, struct.pack(">BBHI", 0x30, 255, len(IN4), 9), IN4),
    "gtp extended": over_udp(
        2152, struct.pack(">BBHIHBB4B", 0x34, 255, 0, 9, 0, 0, 0x85, 1, 0, 0, 0), IN4
    ),
}  # fmt: skip
TUNNELS6 = {
    "plain": ethernet(IN6, 0x86DD),
    "6in4": frame(CLIENT, SERVER, 41, IN6),
    "teredo": over_udp(3544, b"", IN6),
    "teredo with origin": over_udp(3544, bytes(8), IN6),
}


@pytest.mark.parametrize("name", TUNNELS)
def test_a_flow_is_found_by_its_own_addresses(name: str) -> None:
    found = hashes(TUNNELS[name])
    assert KEY4.hash in found
    assert len(levels_of(TUNNELS[name], 1)) == len(found) <= 2
    assert any(KEY4.is_of(level) for level in levels_of(TUNNELS[name], 1))


@pytest.mark.parametrize("name", TUNNELS6)
def test_a_flow_of_the_new_protocol_too(name: str) -> None:
    assert KEY6.hash in hashes(TUNNELS6[name])


@pytest.mark.parametrize("name", OTHERS)
def test_tunnels_that_events_know_are_known_here(name: str) -> None:
    key = make_key("10.1.1.1", 5000, "10.2.2.2", 53, "udp")
    assert key.hash in hashes(OTHERS[name](ip("10.1.1.1", "10.2.2.2", 17, QUESTION)))


@pytest.mark.parametrize("name", LINKS)
def test_and_links_too(name: str) -> None:
    link, data = LINKS[name]
    (event,) = sense(pcap([(START, data)], link=link)).of("flow")
    key = make_key(
        event["source.ip"], event["source.port"],
        event["destination.ip"], event["destination.port"], "udp",
    )  # fmt: skip
    assert key.hash in hashes(data, link)


def test_each_part_of_an_aggregate_is_found() -> None:
    key = make_key("10.1.1.1", 5000, "10.2.2.2", 53, "udp")
    assert hashes(bundled("a.example", "b.example"), 105) == [key.hash, key.hash]


def test_the_tunnel_is_found_by_its_own() -> None:
    assert make_key(CLIENT, 40_000, SERVER, 4789, "udp").hash in hashes(TUNNELS["vxlan"])
    assert make_key(CLIENT, 0, SERVER, 0, "47").hash in hashes(TUNNELS["gre"])


@pytest.mark.parametrize(
    ("link", "head"),
    [(101, b""), (12, b""), (0, b"\2\0\0\0"), (113, bytes(14) + b"\x08\0"), (276, b"\x08\0" + bytes(18))],
)  # fmt: skip
def test_link_types(link: int, head: bytes) -> None:
    assert hashes(head + IN4, link) == [KEY4.hash]


def test_extension_headers_and_fragments() -> None:
    whole = struct.pack(">HHHH", 5000, 53, 2008, 0) + bytes(2000)
    first = struct.pack(">BBHI", 17, 0, 1, 77) + whole[:1000]
    later = struct.pack(">BBHI", 17, 0, 1000, 77) + whole[1000:]
    options = struct.pack(">BB6x", 44, 0)
    head = struct.pack(">IHBB", 6 << 28, len(first) + 8, 0, 64)
    ends = ipaddress.ip_address("2001:db8::5").packed + ipaddress.ip_address("2001:db8::6").packed
    assert hashes(ethernet(head + ends + options + first, 0x86DD)) == [KEY6.hash]
    behind = ethernet(struct.pack(">IHBB", 6 << 28, len(later), 44, 64) + ends + later, 0x86DD)
    assert hashes(behind) == [KEY6.fragments_hash]
    level = levels_of(behind, 1)[0]
    assert (level[FRAGMENT], level[LATER]) == (77, 1)
    assert not KEY6.is_of(level)


def test_messages_of_icmp_are_one_flow() -> None:
    key = make_key(CLIENT, 8, SERVER, 0, "icmp")
    assert hashes(frame(CLIENT, SERVER, 1, b"\x08\0\0\0abcd")) == [key.hash]
    assert hashes(frame(SERVER, CLIENT, 1, b"\x03\1\0\0abcd")) == [key.hash]


ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
PORTS = st.integers(0, 65_535)


@given(st.ip_addresses(v=4), st.ip_addresses(v=4), PORTS, PORTS, st.sampled_from(["tcp", "udp"]))
def test_both_hashes_are_one(a: object, b: object, ap: int, bp: int, transport: str) -> None:
    key = make_key(str(a), ap, str(b), bp, transport)
    assert key.hash == make_key(str(b), bp, str(a), ap, transport).hash
    data = (
        tcp(str(a), ap, str(b), bp, "S", 1, 0)
        if transport == "tcp"
        else udp(str(a), ap, str(b), bp, b"")
    )
    assert hashes(data) == [key.hash]


@given(st.ip_addresses(v=6), st.ip_addresses(v=6), PORTS, PORTS)
def test_both_hashes_of_the_new_protocol_too(a: object, b: object, ap: int, bp: int) -> None:
    # Without tunnels: these ports have none in IPv6 either.
    data = udp(str(a), ap, str(b), bp, b"")
    assert hashes(data)[0] == make_key(str(a), ap, str(b), bp, "udp").hash


@given(st.binary(max_size=200), st.sampled_from([1, 0, 101, 113, 276, 105]))
def test_hostile_bytes(data: bytes, link: int) -> None:
    assert len(levels_of(b"\0" + data, link)) <= MAX_LEVELS


@given(
    st.sampled_from(sorted(TUNNELS)), st.integers(0, 120), st.integers(0, 255), st.integers(1, 200)
)
def test_hostile_tunnels(name: str, place: int, value: int, size: int) -> None:
    data = bytearray(TUNNELS[name])
    data[place % len(data)] = value
    assert len(levels_of(bytes(data[:size]), 1)) <= MAX_LEVELS


def test_what_is_no_flow() -> None:
    for words in [("nobody", 1, SERVER, 2, "tcp"), (CLIENT, 1, SERVER, 2, "carrier pigeon")]:
        with pytest.raises(InputError) as caught:
            make_key(*words)
        assert caught.value.code == "bad_flow"
