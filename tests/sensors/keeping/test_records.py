"""Records out of every container, and where their flows lie."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.keeping.records import Converter, index_records
from sensors.packet.layout import STATE
from sensors.packet.opening import read_header
from tests.sensors.packet.frames import CLIENT, MS, SERVER, START, pcap, pcapng, udp

PACKETS = [(START + n * MS, udp(CLIENT, 1000 + n % 5, SERVER, 53, bytes(n))) for n in range(200)]
RECORDS = pcap(PACKETS, nano=True)[24:]


def converter_of(capture: bytes) -> tuple[Converter, bytes]:
    state = np.zeros(1, STATE)
    start = read_header(capture[:64], state[0], "test")
    return Converter(state[0]), capture[start:]


def test_records_as_they_are() -> None:
    frames = index_records(RECORDS)
    assert (frames.packets, len(frames.hashes), len(frames.records)) == (200, 200, len(RECORDS))
    assert (frames.first, frames.last) == (START, START + 199 * MS)
    assert len(set(frames.hashes.tolist())) == 5
    assert frames.offsets[:2].tolist() == [0, 16 + len(PACKETS[0][1])]


@given(st.integers(0, len(RECORDS)))
def test_a_cut_record_is_left_out(size: int) -> None:
    frames = index_records(RECORDS[:size])
    assert RECORDS.startswith(bytes(frames.records))
    assert size - len(frames.records) < 16 + 42 + 200


@given(st.binary(max_size=300))
def test_hostile_records(data: bytes) -> None:
    frames = index_records(data)
    assert len(frames.records) <= len(data)
    assert len(frames.hashes) <= 4 * frames.packets


@pytest.mark.parametrize(
    "capture",
    [
        pcap(PACKETS, nano=True),
        pcap(PACKETS, nano=True, order=">"),
        pcap(PACKETS),
        pcap(PACKETS, order=">"),
        pcapng(PACKETS),
        pcapng(PACKETS, order="<"),
    ],
)
@pytest.mark.parametrize("piece", [100_000, 1500])
def test_every_container_gives_the_same_records(capture: bytes, piece: int) -> None:
    converter, data = converter_of(capture)
    out = b""
    at = packets = 0
    while at < len(data):
        for frames in converter.take(data[at : at + piece]):
            out += bytes(frames.records)
            packets += frames.packets
        assert converter.used
        at += converter.used
    assert (out, packets) == (RECORDS, 200)


def test_tiny_packets_have_room_in_the_index() -> None:
    many = [(START, b"\x45" + bytes(19))] * 50_000  # raw IPv4 of 20 bytes
    frames = index_records(pcap(many, nano=True)[24:], 101)
    assert (frames.packets, len(frames.hashes)) == (50_000, 50_000)
    converter, data = converter_of(pcap(many, link=101))
    found = converter.take(data)
    assert sum(f.packets for f in found) == sum(len(f.hashes) for f in found) == 50_000
    assert {f.link for f in found} == {101}


def ring_block(packets: Sequence[tuple[int, bytes, int]]) -> bytes:
    """A block as linux/if_packet.h has it: descriptor, then frames, each behind its header."""
    out = bytearray(48)
    for time, data, tag in packets:
        seconds, rest = divmod(time, 1_000_000_000)
        size = -(-(48 + 20 + 14 + len(data)) // 16) * 16
        status = 1 | (0x10 if tag >= 0 else 0)
        head = struct.pack("<IIIIIIHH", size, seconds, rest, len(data), len(data), status, 82, 96)
        head += struct.pack("<IIHH8x", 0, max(0, tag), 0x8100, 0)
        out += (head.ljust(82, b"\0") + data).ljust(size, b"\0")
    return bytes(out)


def test_blocks_of_a_ring() -> None:
    packets = [(time, data, 7 if n % 3 else -1) for n, (time, data) in enumerate(PACKETS)]
    block = memoryview(ring_block(packets))
    tag = struct.pack(">HH", 0x8100, 7)
    tagged = [(t, d[:12] + tag + d[12:] if v >= 0 else d) for t, d, v in packets]
    (frames,) = Converter.of_ring(1).take_block(block, 48, 200)
    assert bytes(frames.records) == pcap(tagged, nano=True)[24:]
    assert frames.hashes.tolist() == index_records(RECORDS).hashes.tolist()
    assert frames.packets == 200


def test_a_cut_block_of_a_ring() -> None:
    block = memoryview(ring_block([(*packet, -1) for packet in PACKETS]))[:1000]
    assert sum(f.packets for f in Converter.of_ring(1).take_block(block, 48, 200)) < 10
    assert Converter.of_ring(1).take_block(block, 48, 0) == []
