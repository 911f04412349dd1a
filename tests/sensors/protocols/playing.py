"""Parsers of the second tier, driven by hand or by a capture, for their tests.

`play` feeds sides and bytes to one protocol's parser through the real `Sessions`; `play_capture`
puts the TCP streams of a small capture in order (by a plain method of its own, not by the decoder)
and does the same for each flow.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from fengsui import ecs
from fengsui.loss import Losses
from sensors.protocol import Flow, Protocol
from sensors.sessions import Sessions

START = 1_760_000_000_000_000_000  # ns
MS = 1_000_000
COMMON = frozenset(
    {
        "event.id", "@timestamp", "event.dataset", "event.module", "event.kind", "event.category",
        "observer.name", "network.type", "network.transport", "network.iana_number", "source.ip",
        "source.port", "destination.ip", "destination.port", "network.community_id",
        "zeek.session_id", "network.protocol",
    }
)  # fmt: skip


class Played:
    """What came out."""

    def __init__(self, events: list[dict[str, Any]], losses: dict[str, int]) -> None:
        self.events = events
        self.losses = losses

    def of(self, dataset: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event.dataset"] == dataset]


def a_flow(
    port: int = 1234,
    transport: str = "tcp",
    source: str = "192.0.2.10",
    destination: str = "198.51.100.20",
    source_port: int = 40_000,
) -> Flow:
    return Flow(transport, source, source_port, destination, port, START)


def common_of(flow: Flow) -> bytes:
    fields = {
        "event.module": "packet",
        "event.kind": "event",
        "event.category": "network",
        "observer.name": "test",
        "network.transport": flow.transport,
        "source.ip": flow.source,
        "source.port": flow.source_port,
        "destination.ip": flow.destination,
        "destination.port": flow.destination_port,
    }
    return json.dumps(fields, separators=(",", ":")).encode()[1:-1]  # as the decoder writes it


def checked(sessions: Sessions, protocols: Iterable[Protocol]) -> list[dict[str, Any]]:
    """Events written so far; each is held against the registry and its protocol's declaration."""
    declared: dict[str, set[str]] = {}
    for protocol in protocols:
        for dataset, fields in protocol.datasets.items():
            declared.setdefault(dataset, set()).update(fields)
    lines, count = sessions.take()
    events = [json.loads(line) for line in lines.splitlines()]
    assert len(events) == count
    for event in events:
        assert ecs.faults(event) == []
        dataset = event["event.dataset"]
        assert dataset in ecs.DATASETS
        if dataset != "files":
            unknown = set(event) - COMMON - declared.get(dataset, set())
            assert not unknown, f"{dataset}: not declared by its protocol: {sorted(unknown)}"
    return events


def play(
    protocol: Protocol | Sequence[Protocol],
    said: Iterable[tuple[int, bytes]],
    flow: Flow | None = None,
    *,
    piece: int = 0,
) -> Played:
    """Feed `said` (side, bytes) to the first protocol's parser; `piece` cuts it into small parts.

    Further protocols are there to switch to. Each part comes 10 ms after the one before.
    """
    shelf = [protocol] if isinstance(protocol, Protocol) else list(protocol)
    losses = Losses()
    sessions = Sessions({one.name: one for one in shelf}, losses)
    flow = flow or a_flow(transport=min(shelf[0].transports, default="tcp"))
    sessions.begin(1, flow, common_of(flow), "C1", shelf[0].name)
    time = START
    for side, data in said:
        size = piece or len(data) or 1
        for at in range(0, len(data), size):
            time += 10 * MS
            sessions.data(1, side, data[at : at + size], time)
    sessions.end(1, time)
    return Played(checked(sessions, shelf), losses.as_json())


def play_capture(path: Path, protocols: Sequence[Protocol]) -> Played:
    """All flows of a capture (pcap, pcapng, also .zst) through recognition and these parsers."""
    losses = Losses()
    sessions = Sessions({one.name: one for one in protocols}, losses)
    for number, (flow, said) in enumerate(flows_of(path), 1):
        sessions.begin(number, flow, common_of(flow), f"C{number}")
        for time, side, data in said:
            sessions.data(number, side, data, time)
        sessions.end(number, said[-1][0] if said else flow.start)
    return Played(checked(sessions, protocols), losses.as_json())


def flows_of(path: Path) -> list[tuple[Flow, list[tuple[int, int, bytes]]]]:
    """Flows of a capture with their payloads: (time, side, bytes); TCP by sequence number."""
    import io

    import zstandard
    from scapy.layers.inet import IP, TCP, UDP
    from scapy.layers.inet6 import IPv6
    from scapy.utils import PcapReader

    raw = path.read_bytes()
    if path.suffix == ".zst":
        raw = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)).read()
    found: dict[tuple[Any, ...], tuple[Flow, list[tuple[int, int, bytes]]]] = {}
    expected: dict[tuple[Any, ...], int] = {}
    held: dict[tuple[Any, ...], dict[int, bytes]] = {}
    for packet in PcapReader(io.BytesIO(raw)):
        layer = packet.getlayer(IP) or packet.getlayer(IPv6)
        segment = layer and (layer.getlayer(TCP) or layer.getlayer(UDP))
        if not segment:
            continue
        transport = "tcp" if segment.name == "TCP" else "udp"
        time = int(packet.time * 1_000_000_000)
        one = (transport, layer.src, segment.sport, layer.dst, segment.dport)
        back = (transport, layer.dst, segment.dport, layer.src, segment.sport)
        key, side = (back, 1) if back in found else (one, 0)
        if key not in found:
            if transport == "tcp" and segment.flags.S and segment.flags.A:
                key, side = back, 1
            found[key] = (Flow(*key, time), [])
        room = (layer.len or len(layer)) - layer.ihl * 4 if layer.name == "IP" else layer.plen
        if transport == "udp":
            found[key][1].append((time, side, bytes(segment.payload)[: max(0, room - 8)]))
            continue
        data = bytes(segment.payload)[: max(0, room - (segment.dataofs or 5) * 4)]
        where = (key, side)
        if segment.flags.S or where not in expected:
            expected[where] = (segment.seq + (1 if segment.flags.S else 0)) & 0xFFFFFFFF
        waiting = held.setdefault(where, {})
        if data:
            waiting.setdefault(segment.seq, data)
        while expected[where] in waiting:
            data = waiting.pop(expected[where])
            found[key][1].append((time, side, data))
            expected[where] = (expected[where] + len(data)) & 0xFFFFFFFF
    return list(found.values())
