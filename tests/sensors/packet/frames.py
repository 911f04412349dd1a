"""Packets and captures by hand, for the tests of the packet sensor."""

from __future__ import annotations

import io
import ipaddress
import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fengsui import ecs
from sensors.packet.capture import CaptureSensor
from sensors.source import Summary

START = 1_760_000_000_000_000_000  # ns
MS = 1_000_000
CLIENT, SERVER = "192.0.2.10", "198.51.100.20"
Packets = Sequence[tuple[int, bytes]]


@dataclass(frozen=True)
class Seen:
    """What a run gave."""

    events: list[dict[str, Any]]
    summary: Summary
    clocks: list[int]

    def of(self, dataset: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event.dataset"] == dataset]


def sense(capture: bytes, **options: Any) -> Seen:
    """Run a capture through the sensor; every event is held against the registry."""
    sensor = CaptureSensor(None, io.BytesIO(capture), name="test", sensor="tap", **options)
    events: list[dict[str, Any]] = []
    clocks: list[int] = []
    for batch in sensor:
        clocks.append(batch.clock)
        lines = batch.lines.splitlines()
        assert batch.count == len(lines)
        events += [json.loads(line) for line in lines]
    for event in events:
        assert ecs.faults(event) == []
    assert sum(sensor.summary.kinds.values()) == sensor.summary.records
    assert sum(sensor.summary.events.values()) == len(events)
    return Seen(events, sensor.summary, clocks)


def pcap(packets: Packets, *, order: str = "<", nano: bool = False, link: int = 1) -> bytes:
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262_144, link)]
    for time, frame in packets:
        seconds, rest = divmod(time, 1_000_000_000)
        fraction = rest if nano else rest // 1000
        parts.append(struct.pack(order + "IIII", seconds, fraction, len(frame), len(frame)) + frame)
    return b"".join(parts)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += b"\0" * (-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int = 1, resolution: int | None = None, order: str = "<") -> bytes:
    body = struct.pack(order + "HHI", link, 0, 0)
    if resolution is not None:
        body += struct.pack(order + "HHB3x", 9, 1, resolution) + struct.pack(order + "HH", 0, 0)
    return block(1, body, order)


def enhanced(ticks: int, frame: bytes, number: int = 0, order: str = "<") -> bytes:
    head = struct.pack(
        order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame)
    )
    return block(6, head + frame, order)


def pcapng(packets: Packets, *, order: str = "<") -> bytes:
    parts = [section(order), interface(1, 9, order)]
    parts += [enhanced(time, frame, 0, order) for time, frame in packets]
    return b"".join(parts)


def ethernet(payload: bytes, kind: int = 0x0800, tags: Iterable[int] = ()) -> bytes:
    macs = bytes.fromhex("020000000002020000000001")
    tagged = b"".join(struct.pack(">HH", 0x8100, tag) for tag in tags)
    return macs + tagged + struct.pack(">H", kind) + payload


def ip(source: str, destination: str, protocol: int, payload: bytes, fragment: int = 0) -> bytes:
    first, second = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    if first.version == 4:
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 1, fragment, 64, protocol, 0)
    else:
        head = struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64)
    return head + first.packed + second.packed + payload


def frame(source: str, destination: str, protocol: int, payload: bytes, **options: Any) -> bytes:
    kind = 0x86DD if ":" in source else 0x0800
    return ethernet(ip(source, destination, protocol, payload), kind, **options)


def udp(
    source: str, sport: int, destination: str, dport: int, data: bytes, **options: Any
) -> bytes:
    segment = struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data
    return frame(source, destination, 17, segment, **options)


FLAGS = {"S": 2, "A": 16, "F": 1, "R": 4, "P": 8}


def tcp(
    source: str, sport: int, destination: str, dport: int, flags: str, seq: int, ack: int,
    data: bytes = b"", **options: Any,
) -> bytes:  # fmt: skip
    bits = sum(FLAGS[flag] for flag in flags)
    head = struct.pack(
        ">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, bits, 8192, 0, 0
    )
    return frame(source, destination, 6, head + data, **options)


class Connection:
    """A TCP connection that writes itself down."""

    def __init__(self, port: int = 80, client_port: int = 40_000, start: int = START) -> None:
        self.packets: list[tuple[int, bytes]] = []
        self.time = start
        self._ends = ((CLIENT, client_port), (SERVER, port))
        self._seq = [1000, 0xFFFFFF00]  # the server's numbers wrap

    def send(self, side: int, flags: str, data: bytes = b"", at: int = 0) -> None:
        """One segment of `side`; `at` moves it within the stream without moving the stream."""
        (source, sport), (target, dport) = self._ends[side], self._ends[1 - side]
        self.time += 10 * MS
        seq = self._seq[side] + at
        packet = tcp(source, sport, target, dport, flags, seq, self._seq[1 - side], data)
        self.packets.append((self.time, packet))
        if not at:
            self._seq[side] += len(data) + ("S" in flags) + ("F" in flags)

    def skip(self, side: int, size: int) -> None:
        self._seq[side] += size

    def open(self) -> Connection:
        self.send(0, "S")
        self.send(1, "SA")
        self.send(0, "A")
        return self

    def say(self, side: int, data: bytes, size: int = 1400) -> None:
        for at in range(0, len(data), size):
            self.send(side, "PA", data[at : at + size])
            self.send(1 - side, "A")

    def close(self) -> Connection:
        self.send(0, "FA")
        self.send(1, "FA")
        self.send(0, "A")
        return self

    def pcap(self) -> bytes:
        return pcap(self.packets)


def name(text: str) -> bytes:
    labels = text.split(".") if text else []
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def question(number: int, text: str, kind: int = 1, flags: int = 0x0100) -> bytes:
    return (
        struct.pack(">HHHHHH", number, flags, 1, 0, 0, 0) + name(text) + struct.pack(">HH", kind, 1)
    )


def answer(
    number: int, text: str, kind: int, records: Sequence[tuple[int, bytes]], flags: int = 0x8180
) -> bytes:
    head = struct.pack(">HHHHHH", number, flags, 1, len(records), 0, 0)
    body = name(text) + struct.pack(">HH", kind, 1)
    for record, data in records:
        body += b"\xc0\x0c" + struct.pack(">HHIH", record, 1, 300, len(data)) + data
    return head + body
