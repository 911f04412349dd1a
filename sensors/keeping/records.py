"""From what a sensor reads to pcap records with nanoseconds, and the index of their flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sensors.keeping.headers import (
    LEVEL,
    MAX_LEVELS,
    Bytes,
    Words,
    new_state,
    read_levels,
    room_for,
)
from sensors.keeping.passes import (
    FACTS,
    FOUND_ENTRIES,
    FOUND_FIRST,
    FOUND_LAST,
    FOUND_LINK,
    FOUND_PACKETS,
    FOUND_USED,
    FOUND_WRITTEN,
    RECORD,
    Hashes,
    Offsets,
    bytes_of,
    convert_pass,
    index_pass,
    warm_up,
)
from sensors.packet import kinds
from sensors.packet.containers import PACKET
from sensors.packet.layout import MAX_PACKET, STATE, Record


@dataclass(frozen=True, slots=True)
class Frames:
    """Consecutive records, where each flow's lie in them, and what they are.

    Attributes:
        records: pcap records, little endian, nanoseconds; no file header.
        hashes, offsets: for each IP header the hash of its flow (`flow_hash`), and where its record
            begins, counted from the beginning of `records`.
        first, last: earliest and latest time, ns.
    """

    records: bytes | memoryview
    hashes: Hashes
    offsets: Offsets
    packets: int
    first: int
    last: int
    link: int = 1


def index_records(view: bytes | memoryview, link: int = 1) -> Frames:
    """The whole records at the beginning of `view`, indexed; nothing is copied.

    What follows the last whole record, or a record that is none, is left out of `records`.
    """
    warm_up()
    mem = bytes_of(view)
    facts = np.zeros(FACTS, np.int64)
    scratch = np.empty(LEVEL * MAX_LEVELS, np.int64)
    state, space = new_state(), room_for(MAX_PACKET)
    found: list[tuple[Hashes, Offsets]] = []
    room = len(mem) // 64 + MAX_LEVELS  # nearly always enough: a record of 60 bytes has 76
    more = 1
    while more:
        hashes, offsets = np.empty(room, np.uint64), np.empty(room, np.uint32)
        facts[FOUND_ENTRIES] = 0
        more = index_pass(mem, link, state, space, hashes, offsets, scratch, facts)
        count = int(facts[FOUND_ENTRIES])
        found.append((hashes[:count], offsets[:count]))
    hashes, offsets = found[0]
    if len(found) > 1:
        hashes = np.concatenate([one for one, _ in found])
        offsets = np.concatenate([one for _, one in found])
    used = int(facts[FOUND_USED])
    packets, first, last = (int(facts[n]) for n in (FOUND_PACKETS, FOUND_FIRST, FOUND_LAST))
    return Frames(memoryview(view)[:used], hashes, offsets, packets, first, last, link)


def levels_of(frame: bytes | memoryview, link: int) -> list[Words]:
    """The levels of one frame, as rows of LEVEL numbers."""
    warm_up()
    out: Words = np.zeros(LEVEL * MAX_LEVELS, np.int64)
    count = int(read_levels(bytes_of(frame), link, new_state(), room_for(len(frame)), out))
    return list(out[: count * LEVEL].reshape(count, LEVEL))


class Converter:
    """Follows a container (pcap of any order and precision, pcapng) as `sensors.packet` reads it.

    Args:
        state: the STATE as `sensors.packet.opening.read_header` set it up.
    """

    def __init__(self, state: Record) -> None:
        warm_up()
        self._state: Any = np.zeros(1, STATE)
        self._state[0] = state
        self._losses: Words = np.zeros(len(kinds.LOSS_NAMES), np.int64)
        self._frame, self._space = new_state(), room_for(MAX_PACKET + 4)
        self._scratch: Words = np.empty(LEVEL * MAX_LEVELS, np.int64)

    @classmethod
    def of_ring(cls, link: int) -> Converter:
        """For blocks of a TPACKET_V3 ring of an interface of this link type."""
        state = np.zeros(1, STATE)
        state["ring"] = 1
        state["interfaces"] = 1
        state[0]["if_link"][0] = link
        return cls(state[0])

    def take(self, view: bytes | memoryview | Bytes) -> list[Frames]:
        """Packets of what the decoder has consumed: whole records or blocks, in order."""
        return self._take(bytes_of(view), 0)

    def take_block(self, block: memoryview, first: int, packets: int) -> list[Frames]:
        """Packets of a block of a ring (see `of_ring`): its used part, as `sensors.live` gives it.

        Args:
            block: it may be handed back to the kernel afterwards.
            first: offset of its first frame.
            packets: frames in it.
        """
        self._state[0]["ring_left"] = packets
        return self._take(bytes_of(block), first)

    def _take(self, mem: Bytes, start: int) -> list[Frames]:
        state = self._state[0]
        state["position"] = start
        state["limit"] = len(mem)
        found: list[Frames] = []
        while True:
            frames, status = self._some(mem, len(mem) + RECORD)  # every container's is larger
            if frames.packets:
                found.append(frames)
            if status != PACKET:
                return found

    @property
    def used(self) -> int:
        """Bytes of the last view that were whole records; what follows is to be given again."""
        return int(self._state[0]["position"])

    def _some(self, mem: Bytes, room: int) -> tuple[Frames, int]:
        out = np.empty(room, np.uint8)
        hashes = np.empty(room // 64 + MAX_LEVELS, np.uint64)
        offsets = np.empty(len(hashes), np.uint32)
        facts: Words = np.zeros(FACTS, np.int64)
        status = convert_pass(
            mem, self._state, out, self._frame, self._space, hashes, offsets,
            self._scratch, self._losses, facts,
        )  # fmt: skip
        used = out.data[: int(facts[FOUND_WRITTEN])]
        packets, first, last, link = (
            int(facts[n]) for n in (FOUND_PACKETS, FOUND_FIRST, FOUND_LAST, FOUND_LINK)
        )
        count = int(facts[FOUND_ENTRIES])
        keys, places = hashes[:count].copy(), offsets[:count].copy()
        return Frames(used, keys, places, packets, first, last, link), status
