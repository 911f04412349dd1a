"""Captures made to be slow: what a patient adversary sends to make each packet cost a thousand."""

from __future__ import annotations

import gzip
import random
import struct
from collections.abc import Callable
from typing import Final

from tests.sensors.packet.adversary_streams import STREAMS
from tests.sensors.packet.frames import (
    CLIENT,
    SERVER,
    START,
    Connection,
    answer,
    ethernet,
    ip,
    name,
    pcap,
    question,
    tcp,
    udp,
)
from tests.sensors.packet.test_tls import hello, record

Packets = list[tuple[int, bytes]]
COUNT: Final = 12_000
DRIPS: Final = 5_000


def _timed(frames: list[bytes]) -> Packets:
    return [(START + n * 10_000, frame) for n, frame in enumerate(frames)]


def segments(order: str) -> Packets:
    """Bytes of a stream one by one behind a hole that stays."""
    places = [2 * n for n in range(COUNT)]
    if order == "backwards":
        places.reverse()
    elif order == "shuffled":
        random.Random(1).shuffle(places)
    opening = Connection(4_444).open().packets
    frames = [tcp(CLIENT, 40_000, SERVER, 4_444, "A", 1101 + place, 1, b"x") for place in places]
    return [*opening, *((START + 10**8 + n * 1000, one) for n, one in enumerate(frames))]


def fragments(backwards: bool, many: bool) -> Packets:
    """Datagrams in the smallest pieces; `many` of them at once, or one."""
    frames: list[bytes] = []
    for n in range(COUNT):
        place = n % 8000 + 1
        if backwards:
            place = 8001 - place
        number = n % 1000 if many else n // 8000
        packet = bytearray(ip(CLIENT, SERVER, 17, b"eightxxx", 0x2000 | place))
        struct.pack_into(">H", packet, 4, number)
        frames.append(ethernet(bytes(packet)))
    return _timed(frames)


def drip(port: int, data: bytes, side: int = 0) -> Packets:
    """A stream of one byte a packet."""
    talk = Connection(port).open()
    for at in range(min(len(data), DRIPS)):
        talk.send(side, "PA", data[at : at + 1])
    return talk.packets


def said(port: int, data: bytes, side: int = 0, size: int = 1400) -> Packets:
    """A stream in full packets."""
    talk = Connection(port).open()
    for at in range(0, len(data), size):
        talk.send(side, "PA", data[at : at + size])
    return talk.packets


def scanned() -> Packets:
    """Each packet a flow of its own."""
    frames: list[bytes] = []
    for n in range(COUNT):
        source = f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"
        ask = question(n & 0xFFFF, f"h{n}.example")
        frames.append(udp(source, 1000 + n % 60_000, SERVER, 53, ask))
    return _timed(frames)


def asked() -> Packets:
    """Questions of one client that nobody answers."""
    return _timed(
        [udp(CLIENT, 5353, SERVER, 53, question(n & 0xFFFF, f"n{n}.e")) for n in range(COUNT)]
    )


def pointed() -> Packets:
    """Answers whose names are long chains of pointers."""
    labels = name("a." * 100 + "e")
    head = struct.pack(">HHHHHH", 7, 0x8180, 1, 1000, 0, 0) + labels + struct.pack(">HH", 1, 1)
    body = bytearray(head)
    last = 12
    while len(body) < 1400:
        place = len(body)
        body += (
            bytes([1, 98, 0xC0 | last >> 8, last & 255])
            + struct.pack(">HHIH", 5, 1, 1, 2)
            + struct.pack(">H", 0xC000 | last)
        )
        last = place if place < 0x3FFF else 12
    return _timed([udp(SERVER, 53, CLIENT, 5000, bytes(body)) for _ in range(2000)])


def nested_tunnels() -> Packets:
    """Forty headers of IP inside each other."""
    deep = ip("10.9.9.1", "10.9.9.2", 17, udp(CLIENT, 1, SERVER, 2, b"x")[34:])
    for _ in range(40):
        deep = ip("10.9.9.1", "10.9.9.2", 4, deep)
    return _timed([ethernet(deep)] * COUNT)


def chunks() -> Packets:
    """A body of chunks of a byte each."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    talk = Connection().open()
    talk.say(0, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    for at in range(0, 1 << 21, 1400):
        talk.send(1, "PA", (head if not at else b"") + b"1\r\nx\r\n" * 230)
    return talk.packets


def bomb() -> Packets:
    """Compressed zeros."""
    packed = gzip.compress(bytes(1 << 25), 9)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    talk = Connection().open()
    talk.say(0, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    for at in range(0, len(packed), 1400):
        talk.send(1, "PA", (head if not at else b"") + packed[at : at + 1400])
    return talk.packets


_CASES: Final[dict[str, Callable[[], Packets]]] = {
    "segments forwards": lambda: segments("forwards"),
    "segments backwards": lambda: segments("backwards"),
    "segments shuffled": lambda: segments("shuffled"),
    "fragments forwards": lambda: fragments(False, False),
    "fragments backwards": lambda: fragments(True, False),
    "fragments of many": lambda: fragments(True, True),
    "scan": scanned,
    "questions": asked,
    "pointers": pointed,
    "tunnels": nested_tunnels,
    "chunks": chunks,
    "bomb": bomb,
    "head by bytes": lambda: drip(80, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000),
    "head of one line by bytes": lambda: drip(80, b"GET /" + b"a" * 20_000),
    "status by bytes": lambda: drip(80, b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 5000, 1),
    "hello by bytes": lambda: drip(443, b"\x16\3\1\x40\0\1\0\x3f\xfc\3\3" + b"x" * 16_000),
    "hellos": lambda: said(443, record(22, hello()) * 3000),
    "requests": lambda: said(80, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" * 50_000),
    "head of many lines": lambda: said(80, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000),
    "dns by bytes": lambda: drip(53, b"\xff\xff" + question(1, "a.b") + bytes(20_000)),
    "answers in a stream": lambda: said(
        53,
        b"".join(
            struct.pack(">H", len(one)) + one
            for one in [answer(1, "a.b", 1, [(1, b"1234")] * 500)] * 60
        ),
        1,
    ),
}


def _streams() -> dict[str, Callable[[], Packets]]:
    found: dict[str, Callable[[], Packets]] = {}
    for word, (port, data, side) in STREAMS.items():
        found[f"{word} by bytes"] = lambda p=port, d=data, s=side: drip(p, d, s)  # type: ignore[misc]
        found[f"{word} in full"] = lambda p=port, d=data, s=side: said(p, d * 6, s)  # type: ignore[misc]
    return found


CASES: Final[dict[str, Callable[[], Packets]]] = {**_CASES, **_streams()}


def capture(case: str) -> tuple[bytes, int]:
    """A capture and the number of its packets."""
    packets = CASES[case]()
    return pcap(packets, nano=True), len(packets)
