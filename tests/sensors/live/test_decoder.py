"""Ring blocks, built here byte by byte (linux/if_packet.h), through the decoder."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.live.decoder import RingDecoder
from tests.sensors.live.frames import query, tagged, udp

HEAD = 48  # of a block, and of a frame
VLAN_VALID, TPID_VALID = 0x10, 0x40
START = 1_700_000_000


def frame(packet: bytes, *, tag: int = -1, seconds: int = START, nanoseconds: int = 0) -> bytes:
    """A frame of a block: header, link-layer address, packet, at a multiple of 16."""
    mac = (HEAD + 20 + 15) & ~15
    step = (mac + len(packet) + 15) & ~15
    status = 1 | (VLAN_VALID | TPID_VALID if tag >= 0 else 0)
    times = (seconds, nanoseconds, len(packet), len(packet), status)
    head = struct.pack("=6I2H2IHH8x", step, *times, mac, mac + 14, 0, max(tag, 0), 0x8100, 0)
    return (head.ljust(mac, b"\0") + packet).ljust(step, b"\0")


def block(*frames: bytes) -> memoryview:
    return memoryview(bytes(HEAD) + b"".join(frames))


def decoder(**fields: str) -> RingDecoder:
    return RingDecoder(sensor='a "sensor"', fields=fields, max_flows=64, link=1)


def taken(ring: RingDecoder) -> list[dict[str, Any]]:
    lines = b""
    while (batch := ring.take()) is not None:
        lines += batch.lines
    return [json.loads(line) for line in lines.splitlines()]


def finished(ring: RingDecoder) -> list[dict[str, Any]]:
    events = taken(ring)
    for batch in ring.finish():
        events += [json.loads(line) for line in batch.lines.splitlines()]
    return events


def test_frames_become_events_with_their_times_and_more_fields() -> None:
    ring = decoder(**{"observer.ingress.interface.name": "eth1", "cn.plane": "视频"})
    packet = udp("192.0.2.1", "192.0.2.53", (5000, 53), query(7, "www.example.com"))
    ring.block(block(frame(packet, nanoseconds=123_456_000)), HEAD, 1)
    events = finished(ring)
    assert {event["event.dataset"] for event in events} == {"flow", "dns"}
    for event in events:
        assert event["observer.name"] == 'a "sensor"'
        assert event["observer.ingress.interface.name"] == "eth1"
        assert event["cn.plane"] == "视频"
        assert event["@timestamp"] == "2023-11-14T22:13:20.123456Z"
    assert ring.summary.records == 1


@pytest.mark.parametrize("tags", [(200,), (300, 42), (0xE0C8,)])
def test_the_tag_of_the_header_is_the_outer_one(tags: tuple[int, ...]) -> None:
    ring = decoder()
    packet = udp("192.0.2.1", "192.0.2.2", (4000, 4001), b"x" * 40)
    ring.block(block(frame(tagged(packet, *tags[1:]), tag=tags[0])), HEAD, 1)
    (flow,) = finished(ring)
    names = ("network.vlan.id", "network.inner.vlan.id")
    assert [int(flow[name]) for name in names if name in flow] == [tag & 0xFFF for tag in tags]


def test_an_idle_link_ends_its_flows() -> None:
    ring = decoder()
    packet = udp("192.0.2.1", "192.0.2.2", (4000, 4001), b"x")
    ring.block(block(frame(packet)), HEAD, 1)
    assert taken(ring) == []
    ring.idle((START + 3600) * 1_000_000_000)
    assert [event["event.dataset"] for event in taken(ring)] == ["flow"]


def ssh(number: int) -> list[bytes]:
    """Banners of both sides of a TCP connection."""
    both = []
    for source, ports in ((1, (4000 + number, 22)), (2, (22, 4000 + number))):
        packet = udp(f"192.0.2.{source}", f"192.0.2.{3 - source}", ports, b"")[:34]
        tcp = struct.pack(">HHIIBBHHH", *ports, 1, 1, 5 << 4, 0x18, 1000, 0, 0)
        payload = b"SSH-2.0-OpenSSH_9.2\r\n"
        total = struct.pack(">H", 40 + len(payload))
        both.append(packet[:16] + total + packet[18:23] + b"\x06" + packet[24:] + tcp + payload)
    return both


def test_under_load_new_flows_get_no_plain_parser_and_old_ones_keep_theirs() -> None:
    def protocols(ring: RingDecoder) -> list[str]:
        return sorted({event["event.dataset"] for event in finished(ring)})

    ring = decoder()
    ring.block(block(*[frame(packet) for packet in ssh(1)]), HEAD, 2)
    assert protocols(ring) == ["flow", "ssh"]
    ring = decoder()
    ring.shed(on=True)
    ring.block(block(*[frame(packet) for packet in ssh(1)]), HEAD, 2)
    assert protocols(ring) == ["flow"]
    ring = decoder()
    ring.block(block(frame(ssh(1)[0])), HEAD, 1)
    ring.shed(on=True)
    ring.block(block(frame(ssh(1)[1])), HEAD, 1)
    ring.shed(on=False)
    assert protocols(ring) == ["flow", "ssh"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 500), st.integers(0, 40))
def test_a_block_of_nonsense_is_counted_and_harms_nothing(
    data: bytes, first: int, packets: int
) -> None:
    RING.block(memoryview(data), first, packets)
    taken(RING)
    packet = udp("192.0.2.1", "192.0.2.2", (4000, 4001), b"x")
    before = RING.summary.records
    RING.block(block(frame(packet)), HEAD, 1)
    taken(RING)
    assert RING.summary.records == before + 1


RING = decoder()
