"""Windows: small pieces of captures that mutants are made of.

From each capture of FENGSUI_BENCH some runs of packets as they followed each other and some flows
from their first packet on; from the tests' own conversations, a connection each; from scapy, frames
of the links and tunnels that neither has.
"""

from __future__ import annotations

import functools
import importlib
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any, Final

import zstandard

from sensors.shelf import all_protocols
from tests.sensors.packet.frames import CLIENT, MS, SERVER, START, Connection, udp
from tests.sensors.packet.test_engine import mixture
from tests.sensors.packet.test_links import LINKS
from tests.sensors.packet.test_tunnels import FORMS, lookup

Packet = tuple[int, bytes]  # ns, frame
_MOST: Final = 64 * 1024 * 1024  # bytes of one capture that are looked at
_RUN: Final = 100
_FLOW: Final = 80


@dataclass(frozen=True)
class Window:
    """Packets of one link type.

    Attributes:
        name: where they are from.
        link: link type.
    """

    name: str
    link: int
    packets: tuple[Packet, ...]


def read_capture(data: bytes) -> tuple[int, list[Packet]]:
    """Link type and packets of a pcap, or of a pcapng with one interface; plain and trusting."""
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        return _read_blocks(data)
    found: list[Packet] = []
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, size, _ = struct.unpack_from("<IIII", data, at)
        found.append((seconds * 1_000_000_000 + fraction * 1000, data[at + 16 : at + 16 + size]))
        at += 16 + size
    return int.from_bytes(data[20:22], "little"), found


def _read_blocks(data: bytes) -> tuple[int, list[Packet]]:
    link = 1
    found: list[Packet] = []
    at = 0
    while at + 12 <= len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind == 1:
            link = int.from_bytes(data[at + 8 : at + 10], "little")
        elif kind == 6:
            high, low, stored = struct.unpack_from("<III", data, at + 12)
            time = (high << 32 | low) * 1000
            found.append((time, data[at + 28 : at + 28 + stored]))
        at += max(12, size)
    return link, found


def _endpoints(frame: bytes) -> bytes:
    """What tells the flow of a packet on Ethernet, alike in both directions; "" where it has none."""
    if frame[12:14] == b"\x08\x00":
        first, second = frame[26:30] + frame[34:36], frame[30:34] + frame[36:38]
        return frame[23:24] + min(first, second) + max(first, second)
    if frame[12:14] == b"\x86\xdd":
        first, second = frame[22:38] + frame[54:56], frame[38:54] + frame[56:58]
        return frame[20:21] + min(first, second) + max(first, second)
    return b""


def windows_of(name: str, data: bytes, chance: random.Random, runs: int) -> Iterator[Window]:
    """`runs` runs of packets, and twice as many flows from their beginning."""
    link, packets = read_capture(data)
    for _ in range(runs):
        at = chance.randrange(max(1, len(packets) - _RUN))
        yield Window(name, link, tuple(packets[at : at + _RUN]))
    flows: dict[bytes, list[Packet]] = {}
    for packet in packets if link == 1 else ():
        flow = flows.setdefault(_endpoints(packet[1]), [])
        if len(flow) < _FLOW:
            flow.append(packet)
    flows.pop(b"", None)
    for flow in chance.sample(list(flows.values()), min(2 * runs, len(flows))):
        yield Window(name, link, tuple(flow))


def bench_windows(bench: Path, seed: int, runs: int) -> list[Window]:
    """Windows of every capture below a folder; the large mixture gives more of them."""
    found: list[Window] = []
    for path in sorted(bench.rglob("*.pcap.zst")):
        with path.open("rb") as file:
            data = zstandard.ZstdDecompressor().stream_reader(file).read(_MOST)
        chance = random.Random(f"{seed} {path.name}")
        count = runs * 40 if len(data) > 40_000_000 else runs
        found += windows_of(path.name, data, chance, count)
    return found


def is_conversation(value: Any) -> bool:
    """Whether a value of a test's module is a conversation: a list of (side, bytes)."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(one, tuple) and len(one) == 2 and one[0] in (0, 1) and type(one[1]) is bytes
            for one in value
        )
    )


def _makes_conversation(value: Any) -> bool:
    """Whether a value is a function of a test's module that says it makes one by itself."""
    made = getattr(value, "__annotations__", {}).get("return", "")
    return (
        isinstance(value, FunctionType)
        and made in {"Said", "talks.Said", "list[tuple[int, bytes]]"}
        and len(value.__defaults__ or ()) == value.__code__.co_argcount
        and not value.__code__.co_kwonlyargcount
    )


@functools.cache
def conversations() -> tuple[tuple[str, tuple[tuple[int, bytes], ...]], ...]:
    """Names and conversations that stand in the modules of the parsers' tests."""
    found: dict[tuple[tuple[int, bytes], ...], str] = {}
    for path in sorted((Path(__file__).parent.parent / "protocols").glob("*.py")):
        module = importlib.import_module(f"tests.sensors.protocols.{path.stem}")
        for name, value in list(vars(module).items()):
            said = value() if _makes_conversation(value) else value
            if is_conversation(said):
                found.setdefault(tuple(said), f"{path.stem}.{name}")
    return tuple((name, said) for said, name in found.items())


def homes_of(name: str) -> tuple[int, ...]:
    """Ports at which a conversation of that name may be held: its protocol's, or any."""
    word = name.lower()
    for one in all_protocols().values():
        if one.name in word and one.ports:
            return tuple(sorted(one.ports))[:2]
    return (4_444,)


def spoken_windows() -> list[Window]:
    """The tests' conversations as connections and as datagrams."""
    found = [Window("mixture", 1, tuple(mixture()))]
    number = 20_000
    for name, said in conversations():
        for port in homes_of(name):
            number += 1
            talk = Connection(port, number).open()
            for side, data in said:
                talk.say(side, data[:20_000])
            found.append(Window(name, 1, tuple(talk.close().packets)))
            ends = ((CLIENT, number), (SERVER, port))
            frames = [
                (START + n * 10 * MS, udp(*ends[side], *ends[1 - side], data[:1400]))
                for n, (side, data) in enumerate(said)
            ]
            found.append(Window(f"{name} udp", 1, tuple(frames)))
    return found


def carried_windows() -> list[Window]:
    """Every tunnel and every link layer with a lookup inside."""
    found: list[Window] = []
    ask, reply = lookup()
    for name, (wrap, _, _) in FORMS.items():
        frames = [wrap(ask, False), wrap(reply, True)] * 3
        packets = tuple((START + n * MS, one) for n, one in enumerate(frames))
        found.append(Window(name, 1, packets))
    for name, (link, frame) in LINKS.items():
        found.append(Window(name, link, tuple((START + n * MS, frame) for n in range(6))))
    return found


def crafted_windows() -> list[Window]:
    """What scapy is asked for: fragments, options and extension headers, SCTP, ICMP errors, nesting."""
    scapy: Any = importlib.import_module("scapy.all")
    sctp: Any = importlib.import_module("scapy.layers.sctp")
    four = scapy.Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / scapy.IP(
        src=CLIENT, dst=SERVER, options=[scapy.IPOption(b"\x07\x0b\x04" + bytes(8))]
    )
    six = scapy.Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / scapy.IPv6(
        src="2001:db8::1", dst="2001:db8::2"
    )
    question_ = scapy.UDP(sport=5000, dport=53) / scapy.DNS(qd=scapy.DNSQR(qname="long.example"))
    large = scapy.UDP(sport=5001, dport=9999) / scapy.Raw(bytes(range(256)) * 12)
    headers = (
        scapy.IPv6ExtHdrHopByHop()
        / scapy.IPv6ExtHdrDestOpt()
        / scapy.IPv6ExtHdrRouting(addresses=["2001:db8::9"])
    )
    frames: list[Any] = [
        *scapy.fragment(scapy.IP(src=CLIENT, dst=SERVER, id=9) / large, fragsize=600),
        *scapy.fragment6(six[scapy.IPv6] / scapy.IPv6ExtHdrFragment(id=7) / large, 700),
        four / question_,
        six / headers / question_,
        six / scapy.IPv6ExtHdrFragment(id=5) / question_,
        four / sctp.SCTP(sport=2905, dport=2905, tag=1) / sctp.SCTPChunkInit(),
        four / sctp.SCTP(sport=2905, dport=2905, tag=1) / sctp.SCTPChunkData(data=b"abcd"),
        four / scapy.ICMP() / b"ping",
        four / scapy.ICMP(type=3, code=3) / (four / question_).getlayer(scapy.IP),
        six / scapy.ICMPv6EchoRequest() / b"ping",
        six / scapy.ICMPv6ND_NS(tgt="2001:db8::7"),
        four / scapy.GRE(proto=0x6558) / four / scapy.GRE(proto=0x6558) / four / question_,
        four / scapy.AH() / question_,
        scapy.Ether(src="02:00:00:00:00:01", dst="ff:ff:ff:ff:ff:ff") / scapy.ARP(pdst=SERVER),
        four[scapy.Ether].copy().__class__(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
        / scapy.Dot1AD(vlan=5)
        / scapy.Dot1Q(vlan=6)
        / four[scapy.IP]
        / question_,
    ]
    below = scapy.Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    whole = [bytes(one if scapy.Ether in one else below / one) for one in frames]
    return [Window("crafted", 1, tuple((START + n * MS, one) for n, one in enumerate(whole)))] * 4


def own_windows() -> list[Window]:
    """All windows that need no bench."""
    return [*spoken_windows(), *carried_windows(), *crafted_windows()]
