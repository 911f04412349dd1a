"""Mutants: windows of captures with their packets spoilt, and captures with their container spoilt.

All is drawn from one `random.Random`, so that a seed names a mutant for ever.
"""

from __future__ import annotations

import gzip
import random
import struct
from collections.abc import Callable, Sequence
from typing import Final

import zstandard

from tests.sensors.packet.frames import START, block, enhanced, pcap, pcapng, section
from tests.sensors.packet.windows import Packet, Window

Frames = list[bytearray]
_TELLING: Final = (0, 1, 2, 3, 4, 5, 0x7F, 0x80, 0xFE, 0xFF)
_PORTS: Final = (
    21, 22, 25, 53, 69, 80, 88, 110, 123, 135, 137, 139, 143, 161, 389, 443, 445, 500, 502, 1433,
    1812, 1883, 3306, 3389, 3544, 4789, 5060, 5353, 5432, 6081, 6379, 8080, 2152, 853,
)  # fmt: skip
_HOUR: Final = 3600 * 1_000_000_000


def network_at(frame: bytearray) -> int:
    """Where the network layer of an Ethernet frame begins."""
    at = 12
    while frame[at : at + 2] in (b"\x81\x00", b"\x88\xa8") and at < 24:
        at += 4
    return at + 2


def transport_at(frame: bytearray) -> int:
    """Where the transport layer begins; the frame's end where there is none."""
    at = network_at(frame)
    if at >= len(frame):
        return len(frame)
    if frame[at] >> 4 == 6:
        return min(at + 40, len(frame))
    return min(at + (frame[at] & 15) * 4, len(frame))


def payload_at(frame: bytearray) -> int:
    """Where the application's bytes begin."""
    at = network_at(frame)
    over = transport_at(frame)
    number = frame[at + 9] if at + 9 < len(frame) and frame[at] >> 4 == 4 else 0
    if at + 6 < len(frame) and frame[at] >> 4 == 6:
        number = frame[at + 6]
    if number == 6 and over + 12 < len(frame):
        return min(over + (frame[over + 12] >> 4) * 4, len(frame))
    return min(over + 8, len(frame))


def _some(chance: random.Random, frames: Frames, most: int) -> list[bytearray]:
    return [chance.choice(frames) for _ in range(chance.randint(1, most))] if frames else []


def _put(frame: bytearray, at: int, data: bytes) -> None:
    if at >= 0 and at + len(data) <= len(frame):
        frame[at : at + len(data)] = data


def _word(chance: random.Random) -> bytes:
    """Two or four bytes that a length or a count is read from."""
    value = chance.choice((0, 1, 7, 8, 19, 20, 255, 256, 1500, 0x7FFF, 0x8000, 0xFFFF, 0xFFFFFFFF))
    order = chance.choice(("little", "big"))
    if value > 0xFFFF or chance.random() < 0.3:
        return value.to_bytes(4, "little" if order == "little" else "big")
    return value.to_bytes(2, "little" if order == "little" else "big")


def flip(chance: random.Random, frames: Frames) -> None:
    """Bytes anywhere."""
    for frame in _some(chance, frames, 12):
        for _ in range(chance.choice((1, 1, 2, 8))):
            if frame:
                frame[chance.randrange(len(frame))] ^= 1 << chance.randrange(8)


def spoil_heads(chance: random.Random, frames: Frames) -> None:
    """Bytes of the headers, to values that tell."""
    for frame in _some(chance, frames, 8):
        if frame:
            at = chance.randrange(min(len(frame), 80))
            frame[at] = chance.choice((*_TELLING, chance.randrange(256)))


def spoil_payloads(chance: random.Random, frames: Frames) -> None:
    """Bytes and words near the beginning of what applications say."""
    for frame in _some(chance, frames, 10):
        start = payload_at(frame)
        if start >= len(frame):
            continue
        at = min(len(frame) - 1, start + int(chance.expovariate(1 / 40)))
        if chance.random() < 0.5:
            frame[at] = chance.choice((*_TELLING, chance.randrange(256)))
        else:
            _put(frame, at, _word(chance))


def lie(chance: random.Random, frames: Frames) -> None:
    """Lengths of IP, TCP and UDP, and the fragment field."""
    for frame in _some(chance, frames, 8):
        network, over = network_at(frame), transport_at(frame)
        what = chance.randrange(7)
        if what == 0:
            _put(frame, network + 2, _word(chance)[:2])
        elif what == 1:
            _put(frame, network, bytes([chance.choice((0x40, 0x44, 0x46, 0x4F, 0x60, 0x65))]))
        elif what == 2:
            _put(frame, network + 4, _word(chance)[:2])
        elif what == 3:
            _put(frame, over + 12, bytes([chance.choice((0, 0x40, 0x50, 0x60, 0xF0))]))
        elif what == 4:
            _put(frame, over + 4, _word(chance)[:2])
        elif what == 5:
            _put(frame, network + 6, struct.pack(">H", chance.choice((1, 0x1FFF, 0x2000, 0x2001))))
        else:
            _put(frame, network + 9, bytes([chance.choice((1, 4, 6, 17, 41, 47, 50, 51, 58, 132))]))


def spoil_streams(chance: random.Random, frames: Frames) -> None:
    """Flags, sequence numbers and windows of TCP."""
    for frame in _some(chance, frames, 6):
        over = transport_at(frame)
        what = chance.randrange(3)
        if what == 0:
            _put(frame, over + 13, bytes([chance.randrange(64)]))
        elif over + 8 <= len(frame):
            at = over + (4 if what == 1 else 8)
            number = int.from_bytes(frame[at : at + 4], "big")
            number += chance.choice((-1, 1, -100, 100, -1460, 1460, 70_000, 1 << 31, 1 << 20))
            _put(frame, at, (number & 0xFFFFFFFF).to_bytes(4, "big"))


def cut(chance: random.Random, frames: Frames) -> None:
    """Frames end early, or late."""
    for frame in _some(chance, frames, 6):
        if chance.random() < 0.7:
            del frame[chance.randrange(len(frame) + 1) :]
        else:
            frame.extend(chance.randbytes(chance.choice((1, 8, 60, 900))))


def move(chance: random.Random, frames: Frames) -> None:
    """Packets are lost, repeated and overtaken."""
    for _ in range(chance.randint(1, 8)):
        if not frames:
            return
        at = chance.randrange(len(frames))
        what = chance.randrange(4)
        if what == 0:
            del frames[at]
        elif what == 1:
            frames.insert(chance.randrange(len(frames) + 1), bytearray(frames[at]))
        elif what == 2:
            frames.insert(chance.randrange(len(frames)), frames.pop(at))
        elif len(frames) > 4:
            del frames[at : at + chance.randint(1, len(frames) // 4)]


def cross(chance: random.Random, frames: Frames) -> None:
    """What one says another says; parts of a payload are lost or said twice."""
    for frame in _some(chance, frames, 4):
        start = payload_at(frame)
        other = chance.choice(frames)
        size = len(frame) - start
        if chance.random() < 0.5:
            said = other[payload_at(other) :]
            frame[start:] = said[:size].ljust(size, b"\0") if chance.random() < 0.5 else said
        elif size > 1:
            first, second = sorted((chance.randrange(size), chance.randrange(size)))
            part = frame[start + first : start + second]
            frame[start + first : start + second] = part * chance.choice((0, 2))


def rename(chance: random.Random, frames: Frames) -> None:
    """The whole window at another port: parsers meet what is not theirs."""
    old = {bytes(frame[transport_at(frame) + 2 :][:2]) for frame in frames[:4]}
    new = struct.pack(">H", chance.choice(_PORTS))
    for frame in frames:
        over = transport_at(frame)
        for at in (over, over + 2):
            if bytes(frame[at : at + 2]) in old:
                _put(frame, at, new)


CHANGES: Final[tuple[Callable[[random.Random, Frames], None], ...]] = (
    flip, spoil_heads, spoil_payloads, spoil_payloads, lie, spoil_streams, cut, move, cross, rename,
)  # fmt: skip


def mutated(chance: random.Random, window: Window) -> list[Packet]:
    """A mutant of a window."""
    frames = [bytearray(frame) for _, frame in window.packets]
    for _ in range(chance.choice((1, 1, 2, 2, 3))):
        chance.choice(CHANGES)(chance, frames)
    times = [time for time, _ in window.packets]
    if chance.random() < 0.1 and times:
        times[chance.randrange(len(times))] += chance.choice((-1, 1)) * chance.choice(
            (_HOUR * 30, 9)
        )
    last = len(times) - 1
    return [(times[min(n, last)], bytes(frame)) for n, frame in enumerate(frames)]


def batch(chance: random.Random, windows: Sequence[Window], count: int) -> tuple[bytes, int]:
    """One capture of `count` mutants of any link types, and its packets.

    Each comes some time after the one before: hours, so that its flows are over, or at once.
    """
    links = sorted({window.link for window in windows})
    parts = [section(), *(_interface(link) for link in links)]
    now, number = START, 0
    for _ in range(count):
        window = chance.choice(windows)
        packets = mutated(chance, window)
        first = packets[0][0] if packets else 0
        now += chance.choice((_HOUR, _HOUR // 60, 0))
        latest = now
        for time, frame in packets:
            shown = max(0, now + time - first)
            latest = max(latest, min(shown, now + _HOUR))
            parts.append(enhanced(shown, frame, links.index(window.link)))
        now = latest
        number += len(packets)
    return b"".join(parts), number


def _interface(link: int) -> bytes:
    options = struct.pack("<HHB3x", 9, 1, 9) + struct.pack("<HH", 0, 0)
    return block(1, struct.pack("<HHI", link, 0, 0) + options)


def container(chance: random.Random, window: Window) -> bytes:
    """A capture of one window whose own structure is spoilt."""
    packets = [(abs(time) % (1 << 60), frame) for time, frame in window.packets]
    if chance.random() < 0.5:
        order = chance.choice("<>")
        data = bytearray(pcap(packets, order=order, nano=chance.random() < 0.5, link=window.link))
    else:
        data = bytearray(pcapng(packets, order=chance.choice("<>")))
    for _ in range(chance.choice((0, 1, 1, 2, 6))):
        _spoil_container(chance, data)
    shape = chance.random()
    if shape < 0.1:
        return _wrapped(chance, gzip.compress(bytes(data), 1))
    if shape < 0.2:
        return _wrapped(chance, zstandard.compress(bytes(data)))
    return bytes(data)


def _spoil_container(chance: random.Random, data: bytearray) -> None:
    what = chance.randrange(6)
    at = chance.randrange(min(len(data), chance.choice((24, 120, 1 << 30)))) if data else 0
    if what == 0:
        del data[at:]
    elif what == 1:
        _put(data, at, _word(chance))
    elif what == 2 and data:
        data[at] = chance.choice((*_TELLING, chance.randrange(256)))
    elif what == 3:
        del data[at : at + chance.choice((1, 2, 4, 16, 400))]
    elif what == 4:
        data[at:at] = chance.choice((b"\0" * 40, chance.randbytes(9), bytes(data[:300])))
    else:  # a length that nothing follows
        _put(data, 24 + 8, _word(chance).ljust(4, b"\0"))


def _wrapped(chance: random.Random, packed: bytes) -> bytes:
    data = bytearray(packed)
    if chance.random() < 0.5:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    if chance.random() < 0.3:
        del data[chance.randrange(len(data)) :]
    return bytes(data)
