"""A fragmented packet gives the events of the whole one, however its fragments come."""

from __future__ import annotations

import ipaddress
import struct
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sensors.packet.frames import (
    CLIENT,
    MS,
    SERVER,
    START,
    Packets,
    answer,
    ethernet,
    pcap,
    question,
    sense,
    udp,
)

REPLY = answer(7, "big.example", 16, [(16, b"\xff" + b"t" * 255)] * 6)
ASK = udp(CLIENT, 5000, SERVER, 53, question(7, "big.example", 16))


def fragment(data: bytes, at: int, more: bool, six: bool, number: int = 9) -> bytes:
    """One fragment of a UDP segment."""
    if six:
        head = struct.pack(">BBHI", 17, 0, at | more, number)
        addresses = [ipaddress.ip_address(a).packed for a in ("2001:db8::2", "2001:db8::1")]
        outer = struct.pack(">IHBB", 6 << 28, len(data) + 8, 44, 64) + b"".join(addresses)
        return ethernet(outer + head + data, 0x86DD)
    addresses = [ipaddress.ip_address(a).packed for a in (SERVER, CLIENT)]
    head = struct.pack(
        ">BBHHHBBH", 0x45, 0, 20 + len(data), number, (more << 13) | at // 8, 64, 17, 0
    )
    return ethernet(head + b"".join(addresses) + data)


def segment() -> bytes:
    return struct.pack(">HHHH", 53, 5000, 8 + len(REPLY), 0) + REPLY


def asked(six: bool) -> tuple[int, bytes]:
    if six:
        return START, udp("2001:db8::1", 5000, "2001:db8::2", 53, question(7, "big.example", 16))
    return START, ASK


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.booleans(),
    st.lists(st.integers(1, 190), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_any_cut_and_any_order_gives_the_whole(
    six: bool, cuts: list[int], random: object, twice: bool
) -> None:
    data = segment()
    places = sorted({0, *(min(cut * 8, len(data) // 8 * 8) for cut in cuts), len(data)})
    parts = [fragment(data[a:b], a, b < len(data), six) for a, b in pairwise(places) if b > a]
    if twice:
        parts *= 2
    random.shuffle(parts)  # type: ignore[attr-defined]
    packets: Packets = [asked(six), *((START + MS * (1 + n), p) for n, p in enumerate(parts))]
    seen = sense(pcap(packets))
    events = [event for event in seen.of("dns") if event.get("dns.answers.data")]
    assert events
    assert events[0]["dns.answers.data"] == ["t" * 255] * 6
    assert events[0]["dns.response_code"] == "NOERROR"
    assert sum(seen.summary.kinds.values()) == len(packets)


def test_the_bytes_that_came_first_are_kept() -> None:
    data = segment()
    forged = b"F" * 64
    packets: Packets = [
        asked(False),
        (START + MS, fragment(data[:800], 0, True, False)),
        (START + 2 * MS, fragment(forged, 400, True, False)),
        (START + 3 * MS, fragment(data[800:], 800, False, False)),
    ]
    seen = sense(pcap(packets))
    assert seen.of("dns")[0]["dns.answers.data"] == ["t" * 255] * 6
    assert seen.summary.losses.as_json()["fragment.overlap"] == 1


def test_what_is_never_completed_is_counted() -> None:
    data = segment()
    packets: Packets = [(START, fragment(data[:800], 0, True, False))]
    packets = [*packets, (START + 40_000 * MS, ASK)]
    seen = sense(pcap(packets))
    assert seen.summary.losses.as_json()["fragment.incomplete"] == 1
    assert seen.summary.kinds["fragment.ipv4.udp"] == 1


def test_a_flood_of_fragments_keeps_to_its_bounds() -> None:
    packets = [(START + n, fragment(b"x" * 1400, 0, True, False, n & 0xFFFF)) for n in range(6000)]
    seen = sense(pcap(packets))
    assert seen.summary.losses.as_json()["fragment.incomplete"] == 6000
    assert seen.events == []
