"""Packets of capture files into the ring: for folders that are followed, and for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from sensors.keeping.keeper import Keeper
from sensors.keeping.records import Converter
from sensors.packet.layout import STATE
from sensors.packet.opening import decompressed, open_raw, read_header

_PIECE: Final = 1 << 20  # more than the largest record or block of a packet
_AHEAD: Final = 16 << 20  # bytes after which a file waits for the disk, unlike a wire


def keep_capture(keeper: Keeper, path: Path) -> int:
    """Keep the packets of a pcap or pcapng file, plain or compressed; how many.

    Raises:
        InputError: it is no capture or cannot be read.
    """
    name = str(path)
    raw, _ = open_raw(path, None, name)
    with raw:
        _, reader = decompressed(raw, name)
        room = memoryview(bytearray(_PIECE))
        held = 0
        while held < 64 and (size := reader.readinto(room[held:4096])):
            held += size
        state = np.zeros(1, STATE)
        start = read_header(bytes(room[: min(held, 64)]), state[0], name)
        converter = Converter(state[0])
        packets = waiting = 0
        while True:
            for frames in converter.take(room[start:held]):
                keeper.append(frames)
                packets += frames.packets
                waiting += len(frames.records)
            start += converter.used
            left = held - start
            room[:left] = bytes(room[start:held])
            start = 0
            size = reader.readinto(room[left:])
            held = left + size
            if not size:
                break
            if waiting > _AHEAD:
                keeper.flush()
                waiting = 0
    return packets
