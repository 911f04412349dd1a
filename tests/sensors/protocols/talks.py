"""Conversations: those of the parsers' tests, and those overheard in the captures of the bench."""

from __future__ import annotations

import functools
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import zstandard

from sensors.packet.capture import CaptureSensor
from sensors.protocol import Flow, Protocol
from sensors.sessions import Sessions
from sensors.shelf import all_protocols
from tests.sensors.packet.windows import conversations
from tests.sensors.protocols.playing import a_flow

Said = tuple[tuple[int, bytes], ...]
GAP: Final = 2  # in place of a side: bytes that are lost, of side 0 or 1 by the first of them


@dataclass(frozen=True)
class Talk:
    """A conversation and the protocol whose parser hears it; "" where it is to be recognised."""

    name: str
    protocol: str
    said: Said
    flow: Flow


def flow_for(protocol: Protocol, transport: str) -> Flow:
    """A flow on which that protocol may be met."""
    return a_flow(min(protocol.ports, default=4_444), transport)


@functools.cache
def spoken() -> tuple[Talk, ...]:
    """Each conversation of the tests with every parser that would take it, or whose name it bears."""
    found: list[Talk] = []
    shelf = all_protocols()
    for name, said in conversations():
        for one in shelf.values():
            for transport in sorted(one.transports & {"tcp", "udp"}):
                flow = flow_for(one, transport)
                if one.name in name.lower() or one.recognises(said[0][1], said[0][0], flow):
                    found.append(Talk(name, one.name, said, flow))
    return tuple(found)


@contextmanager
def overhearing(found: list[Talk]) -> Iterator[None]:
    """Note what any `Sessions` is given meanwhile, as conversations."""
    kept: dict[tuple[int, int], list[tuple[int, bytes]]] = {}
    originals = {name: getattr(Sessions, name) for name in ("data", "gap", "end")}

    def data(self: Sessions, serial: int, side: int, data: bytes, time: int) -> None:
        said = kept.setdefault((id(self), serial), [])
        if len(said) < 40:
            said.append((side, data))
        originals["data"](self, serial, side, data, time)

    def gap(self: Sessions, serial: int, side: int, size: int, time: int) -> None:
        kept.setdefault((id(self), serial), []).append((GAP, bytes([side]) * min(size, 2000)))
        originals["gap"](self, serial, side, size, time)

    def end(self: Sessions, serial: int, time: int) -> None:
        said = tuple(kept.pop((id(self), serial), ()))
        context = self.context(serial)
        if said and context is not None and context.protocol in self.protocols:
            found.append(Talk("overheard", context.protocol, said, context.flow))
        originals["end"](self, serial, time)

    for name, function in (("data", data), ("gap", gap), ("end", end)):
        setattr(Sessions, name, function)
    try:
        yield
    finally:
        for name, function in originals.items():
            setattr(Sessions, name, function)


def overheard(bench: Path, most: int = 60) -> list[Talk]:
    """Conversations in the captures of the bench, at most so many of each protocol."""
    found: list[Talk] = []
    with overhearing(found):
        for path in sorted(bench.rglob("*.pcap.zst")):
            with path.open("rb") as file:
                data = zstandard.ZstdDecompressor().stream_reader(file).read()
            for _ in CaptureSensor(None, io.BytesIO(data), name=path.name, sensor="tap"):
                pass
    chance = random.Random(1)
    chance.shuffle(found)
    by_name: dict[str, list[Talk]] = {}
    for talk in found:
        by_name.setdefault(talk.protocol, []).append(talk)
    return [talk for talks in by_name.values() for talk in talks[:most]]
