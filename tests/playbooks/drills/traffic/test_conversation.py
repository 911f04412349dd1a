"""A conversation adds up: sequence numbers, acknowledgements, both ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from scapy.layers.inet import TCP
from scapy.packet import Packet
from scapy.utils import rdpcap

from fengsui.clock import SECOND
from playbooks.drills.traffic.chance import chance
from playbooks.drills.traffic.conversation import Conversation
from playbooks.drills.traffic.host import Host
from playbooks.drills.traffic.wire import Wire

A = Host("a", b"\x02\0\0\0\0\1", "10.0.0.1", "fd00::1", 100)
B = Host("b", b"\x02\0\0\0\0\2", "10.0.0.2", "fd00::2", 100, "linux")


def packets(tmp_path: Path, wire: Wire) -> list[Packet]:
    wire.write(tmp_path / "x.pcap", lambda done, total: None)
    return list(rdpcap(str(tmp_path / "x.pcap")))


def begin(*, six: bool = False) -> tuple[Wire, Conversation]:
    wire = Wire(0, 3600 * SECOND)
    return wire, Conversation(wire, A, B, (50_000, 80), SECOND, chance(1), six=six)


@pytest.mark.parametrize("six", [False, True])
def test_every_byte_is_sent_once_and_acknowledged(tmp_path: Path, six: bool) -> None:
    wire, talk = begin(six=six)
    asked, told = bytes(range(256)) * 20, b"x" * 40_000
    talk.connect()
    talk.send(asked)
    talk.receive(told)
    talk.close()
    streams = {50_000: b"", 80: b""}
    ends: dict[int, int] = {}
    acknowledged: dict[int, int] = {}
    for packet in packets(tmp_path, wire):
        tcp = packet[TCP]
        payload = bytes(tcp.payload)
        if tcp.flags.S:
            ends[tcp.sport] = tcp.seq + 1
            continue
        if payload.strip(b"\0") or len(payload) > 60:
            assert tcp.seq == ends[tcp.sport] & 0xFFFFFFFF
            streams[tcp.sport] += payload
            ends[tcp.sport] += len(payload)
        acknowledged[tcp.dport] = tcp.ack
    assert streams == {50_000: asked, 80: told}
    assert acknowledged == {port: (end + 1) & 0xFFFFFFFF for port, end in ends.items()}


def test_refused_unanswered_and_reset(tmp_path: Path) -> None:
    for deed, flags in (("refused", ["S", "RA"]), ("unanswered", ["S"])):
        wire, talk = begin()
        getattr(talk, deed)()
        assert [str(one[TCP].flags) for one in packets(tmp_path, wire)] == flags
    wire, talk = begin()
    talk.connect()
    talk.reset()
    assert [str(one[TCP].flags) for one in packets(tmp_path, wire)] == ["S", "SA", "A", "RA"]


def test_a_pause_moves_the_clock() -> None:
    _, talk = begin()
    talk.pause(2.5)
    assert talk.now == SECOND + 2_500_000_000
