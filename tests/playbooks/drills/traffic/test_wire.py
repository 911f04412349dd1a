"""Frames against scapy's own: same bytes for the same values."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Packet, Raw
from scapy.utils import rdpcap

from fengsui.clock import SECOND
from playbooks.drills.traffic.host import Host
from playbooks.drills.traffic.wire import ACK, SYN, Direction, Wire, checksum, word_sum

A = Host("a", b"\x02\0\0\0\0\1", "10.0.0.1", "fd00::1", 100)
B = Host("b", b"\x02\0\0\0\0\2", "192.0.2.9", "2001:db8::9", 0, "outside", hops=3)
PORT = st.integers(1, 65_535)
BODY = st.binary(max_size=80)


def rebuilt(frame: bytes) -> bytes:
    """The frame with every length and checksum worked out again by scapy."""
    packet: Packet = Ether(frame)
    for layer in (IP, TCP, UDP, IPv6):
        if layer in packet:
            for name in ("chksum", "len", "plen"):
                if name in packet[layer].fields:
                    del packet[layer].fields[name]
    return bytes(packet)


@settings(max_examples=60, deadline=None)
@given(st.booleans(), PORT, PORT, st.integers(0, 2**32 - 1), BODY)
def test_tcp(six: bool, p: int, q: int, seq: int, body: bytes) -> None:
    frame = Direction(A, B, six=six).tcp((p, q), seq, 7, ACK | SYN, body, b"\x02\x04\x05\xb4")
    assert rebuilt(frame) == frame
    packet = Ether(frame)
    assert (packet[TCP].sport, packet[TCP].dport, packet[TCP].seq) == (p, q, seq)
    assert packet[Dot1Q].vlan == 100
    assert (bytes(packet[Raw]) if Raw in packet else b"") == body


@settings(max_examples=60, deadline=None)
@given(st.booleans(), BODY)
def test_udp(six: bool, body: bytes) -> None:
    frame = Direction(B, A, six=six).udp((40_000, 9), body)
    assert rebuilt(frame) == frame
    packet = Ether(frame)
    assert (packet[IPv6].hlim if six else packet[IP].ttl) == 61


@given(st.binary(max_size=200))
def test_a_sum_with_its_checksum_is_all_ones(data: bytes) -> None:
    assert (word_sum(data) + checksum(word_sum(data))) % 65_535 == 0


def test_frames_are_written_in_order_of_time_and_padded(tmp_path: Path) -> None:
    wire = Wire(10 * SECOND, 20 * SECOND)
    up = Direction(A, B)
    for at in (15, 12, 25, 5):
        wire.add(at * SECOND + 1000, up.udp((1, 2), bytes((at,))))
    seen: list[tuple[int, int]] = []
    wire.write(tmp_path / "x.pcap", lambda done, total: seen.append((done, total)))
    packets = rdpcap(str(tmp_path / "x.pcap"))
    assert [float(one.time) for one in packets] == [12.000001, 15.000001]
    assert {len(one) for one in packets} == {60}
    assert seen[-1] == (2, 2)
