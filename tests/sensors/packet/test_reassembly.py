"""A TCP stream gives the same events in whatever order and overlap its segments come."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sensors.packet.frames import CLIENT, MS, SERVER, START, Connection, pcap, sense, tcp

BODY = bytes(range(256)) * 40
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x\r\nContent-Length: %d\r\n\r\n" % len(BODY)
STREAM = HEAD + BODY


def opened() -> Connection:
    web = Connection().open()
    web.say(0, b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
    return web


def reply(web: Connection, order: list[tuple[int, int]]) -> list[tuple[int, bytes]]:
    """Segments [start, stop) of the stream in this order, from the server."""
    base = web._seq[1]
    packets = list(web.packets)
    for number, (start, stop) in enumerate(order):
        packet = tcp(
            SERVER, 80, CLIENT, 40_000, "PA", base + start, web._seq[0], STREAM[start:stop]
        )
        packets.append((web.time + (number + 1) * MS, packet))
    return packets


def outcome(packets: list[tuple[int, bytes]]) -> tuple[dict[str, Any], dict[str, Any], Any]:
    seen = sense(pcap(packets))
    (event,) = seen.of("http")
    (carried,) = seen.of("files")
    return event, carried, seen


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.integers(1, len(STREAM) - 1), max_size=14),
    st.lists(st.tuples(st.integers(0, len(STREAM) - 2), st.integers(1, 1400)), max_size=4),
    st.randoms(use_true_random=False),
)
def test_any_order_and_any_overlap(
    cuts: list[int], again: list[tuple[int, int]], random: Any
) -> None:
    places = sorted({0, len(STREAM), *cuts, *range(0, len(STREAM), 1400)})
    order = list(pairwise(places))
    order += [(at, min(at + size, len(STREAM))) for at, size in again]
    random.shuffle(order)
    event, carried, seen = outcome(reply(opened(), order))
    assert event["http.response.status_code"] == 200
    assert event["http.response.body.bytes"] == len(BODY)
    assert carried["file.hash.sha256"] == hashlib.sha256(BODY).hexdigest()
    assert carried["file.size"] == len(BODY)
    assert "stream.gap" not in seen.summary.losses.as_json()
    assert seen.of("flow")[0]["server.bytes"] == len(STREAM)


def test_a_hole_that_the_peer_acknowledges_is_a_gap() -> None:
    web = opened()
    packets = reply(web, [(0, 1400), (2800, 4200)])
    ack = tcp(CLIENT, 40_000, SERVER, 80, "A", web._seq[0], web._seq[1] + 4200)
    packets.append((web.time + 50 * MS, ack))
    event, carried, seen = outcome(packets)
    assert event["http.response.status_code"] == 200
    assert "file.hash.sha256" not in carried
    assert carried["file.missing_bytes"] >= 1400
    flow = seen.of("flow")[0]
    assert flow["zeek.connection.missed_bytes"] == 1400
    assert "g" in flow["zeek.connection.history"]


def test_only_one_side_is_seen_and_said() -> None:
    packets = [p for p in reply(opened(), [(0, len(STREAM))]) if p[1][26:30] != b"\xc0\0\2\x0a"]
    seen = sense(pcap(packets))
    assert seen.of("http")[0]["http.response.status_code"] == 200
    assert seen.of("flow")[0]["fengsui.one_sided"] is True


def test_a_flow_far_ahead_of_itself_keeps_to_its_bounds() -> None:
    web = opened()
    base = web._seq[1] + 19
    packets = list(web.packets)
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    packets.append((START, tcp(SERVER, 80, CLIENT, 40_000, "A", base - len(head), 1, head)))
    base += 1400
    for number in range(3000):  # every second segment is missing
        packet = tcp(SERVER, 80, CLIENT, 40_000, "A", base + 2800 * number, 1, b"x" * 1400)
        packets.append((START + number * MS, packet))
    seen = sense(pcap(packets))
    assert seen.summary.losses.as_json()["stream.gap"] > 0
    assert seen.of("flow")[0]["zeek.connection.missed_bytes"] > 0
