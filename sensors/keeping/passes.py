"""The compiled passes over records: one copies them out of any container, both index their flows.

A pass steps over records, reads the headers that are in the cache anyway, and writes a hash and an
offset for each IP header.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from fengsui.jit import entry
from sensors.keeping import flow_hash, headers
from sensors.keeping.flow_hash import hash_of
from sensors.keeping.headers import (
    LEVEL,
    MAX_LEVELS,
    Bytes,
    State,
    Words,
    levels,
    new_state,
    read_levels,
    room_for,
)
from sensors.packet import containers, decode, jit, kinds, layout, links, tunnels, wireless
from sensors.packet.containers import BROKEN, NEED_INPUT, PACKET, next_record
from sensors.packet.jit import compiled, i64
from sensors.packet.layout import MAX_PACKET, SECOND, STATE, Record

Hashes = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.uint32]

_MACS: Final = 12
_FRAME_HEADER: Final = 48  # of TPACKET_V3
RECORD: Final = 16  # bytes before each packet: seconds, nanoseconds, captured, length
MAGIC: Final = 0xA1B23C4D  # pcap with nanoseconds, in this machine's (little) order

# What a pass found, in `facts`.
FOUND_PACKETS: Final = 0
FOUND_FIRST: Final = 1
FOUND_LAST: Final = 2
FOUND_USED: Final = 3  # bytes of the input that were whole records
FOUND_ENTRIES: Final = 4
FOUND_WRITTEN: Final = 5
FOUND_LINK: Final = 6
FACTS: Final = 8


@compiled
def _little(mem: Bytes, at: int) -> int:
    low = i64(mem[at]) | (i64(mem[at + 1]) << 8)
    return low | (i64(mem[at + 2]) << 16) | (i64(mem[at + 3]) << 24)


@compiled
def _put(mem: Bytes, at: int, value: int) -> None:
    mem[at] = value & 0xFF
    mem[at + 1] = (value >> 8) & 0xFF
    mem[at + 2] = (value >> 16) & 0xFF
    mem[at + 3] = (value >> 24) & 0xFF


@compiled
def _copy(target: Bytes, to: np.uint64, mem: Bytes, start: np.uint64, size: np.uint64) -> None:
    """Unsigned, so that no index can mean the end of an array and the loop takes many at once."""
    for i in range(size):
        target[to + i] = mem[start + i]


@compiled
def _note(facts: Words, time: int) -> None:
    if facts[FOUND_PACKETS] == 0:
        facts[FOUND_FIRST] = time
        facts[FOUND_LAST] = time
    facts[FOUND_PACKETS] += 1
    facts[FOUND_FIRST] = min(facts[FOUND_FIRST], time)
    facts[FOUND_LAST] = max(facts[FOUND_LAST], time)


@compiled
def _enter(
    mem: Bytes, at: int, size: int, link: int, offset: int, d: Record, room: Bytes,
    hashes: Hashes, offsets: Offsets, scratch: Words, facts: Words,
) -> None:  # fmt: skip
    count = levels(mem, at, at + size, link, d, room, scratch)
    place = facts[FOUND_ENTRIES]
    for level in range(count):
        hashes[place] = hash_of(scratch, level * LEVEL)
        offsets[place] = offset
        place += 1
    facts[FOUND_ENTRIES] = place


def _sources() -> int:
    """Hash over all that is compiled here: numba itself looks at the file of the entry point alone."""
    state = hashlib.blake2b(digest_size=7)
    for module in (
        containers,
        decode,
        flow_hash,
        headers,
        jit,
        kinds,
        layout,
        links,
        tunnels,
        wireless,
    ):
        state.update(Path(str(module.__file__)).read_bytes())
    state.update(Path(__file__).read_bytes())
    return int.from_bytes(state.digest(), "big")


def _compiled(stamp: int) -> tuple[Any, Any]:
    """Both passes; `stamp` is in their closures, and with that in the keys of numba's cache."""

    def index(
        mem: Bytes, link: int, d: State, room: Bytes, hashes: Hashes, offsets: Offsets,
        scratch: Words, facts: Words,
    ) -> int:  # fmt: skip
        """Index records that lie in `mem` as they are kept; 1 where room for entries was used up."""
        if stamp < 0:
            return 0
        d = d[0]
        end = len(mem)
        at = facts[FOUND_USED]
        while end - at >= RECORD:
            size = _little(mem, at + 8)
            nanoseconds = _little(mem, at + 4)
            if size > MAX_PACKET or nanoseconds >= SECOND or end - at - RECORD < size:
                break
            if facts[FOUND_ENTRIES] + MAX_LEVELS > len(hashes):
                return 1
            _note(facts, _little(mem, at) * SECOND + nanoseconds)
            _enter(mem, at + RECORD, size, link, at, d, room, hashes, offsets, scratch, facts)
            at += RECORD + size
            facts[FOUND_USED] = at
        return 0

    def convert(
        mem: Bytes, s: Record, out: Bytes, d: State, room: Bytes, hashes: Hashes, offsets: Offsets,
        scratch: Words, losses: Words, facts: Words,
    ) -> int:  # fmt: skip
        """Copy packets out of any container until one does not fit, or the link type changes."""
        s = s[0]
        d = d[0]
        if stamp < 0:
            return BROKEN
        while facts[FOUND_ENTRIES] + MAX_LEVELS <= len(hashes):
            position = s.position
            skip = s.skip
            ring_left = s.ring_left
            if ring_left > 0 and position + _FRAME_HEADER > s.limit:
                return NEED_INPUT  # a frame header that is not in the block
            status = next_record(mem, s, losses)
            if status != PACKET:
                if status == NEED_INPUT or status == BROKEN:
                    return status
                continue
            written = facts[FOUND_WRITTEN]
            link = max(0, s.link)
            if facts[FOUND_PACKETS] == 0:
                facts[FOUND_LINK] = link
            # The driver has taken the outer tag off; it belongs to the packet.
            tag = 4 if s.ring and s.ring_vlan >= 0 and link == 1 and s.captured >= _MACS else 0
            size = s.captured + tag
            if link != facts[FOUND_LINK] or written + RECORD + size > len(out):
                s.position = position
                s.skip = skip
                s.ring_left = ring_left
                return PACKET
            seconds = s.time // SECOND
            _put(out, written, seconds)
            _put(out, written + 4, s.time - seconds * SECOND)
            _put(out, written + 8, size)
            _put(out, written + 12, s.length + tag)
            body = written + RECORD
            start = s.packet
            if tag:
                _copy(out, np.uint64(body), mem, np.uint64(start), np.uint64(_MACS))
                _put(
                    out, body + _MACS, (s.ring_vlan & 0xFF) << 24 | (s.ring_vlan >> 8) << 16 | 0x81
                )
                _copy(
                    out, np.uint64(body + _MACS + tag), mem, np.uint64(start + _MACS),
                    np.uint64(s.captured - _MACS),
                )  # fmt: skip
            else:
                _copy(out, np.uint64(body), mem, np.uint64(start), np.uint64(size))
            _note(facts, s.time)
            _enter(out, body, size, link, written, d, room, hashes, offsets, scratch, facts)
            facts[FOUND_WRITTEN] = body + size
        return PACKET

    return entry(index), entry(convert)


_STAMP: Final = _sources()
index_pass, convert_pass = _compiled(_STAMP)


@cache
def warm_up() -> None:
    """Load the compiled functions, or compile them: half a minute, once; later calls do nothing.

    A process of its own compiles, and this one only ever loads: functions are shared with the decoder,
    whose compiler leaves them in a state that numba's own cannot link (`sensors.packet.jit`).
    """
    ready = Path(str(index_pass.stats.cache_path)) / f"keeping-{_STAMP:014x}.ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "sensors.keeping.passes"], check=True)
    _call_all()


def _call_all() -> None:
    """Call each entry point once, with nothing to do."""
    mem, out = bytes_of(b"\0"), np.empty(1, np.uint8)
    hashes, offsets = np.empty(1, np.uint64), np.empty(1, np.uint32)
    scratch: Words = np.empty(LEVEL * MAX_LEVELS, np.int64)
    facts: Words = np.zeros(FACTS, np.int64)
    losses: Words = np.zeros(len(kinds.LOSS_NAMES), np.int64)
    state = np.zeros(1, STATE)
    one, room = new_state(), room_for(1)
    index_pass(mem, 1, one, room, hashes, offsets, scratch, facts)
    convert_pass(mem, state, out, one, room, hashes, offsets, scratch, losses, facts)
    read_levels(mem, 1, one, room, scratch)


def bytes_of(view: bytes | memoryview | Bytes) -> Bytes:
    """As an array that is not to be written: one type, so one compiled form."""
    mem = np.frombuffer(view, np.uint8)
    mem.flags.writeable = False
    return mem


if __name__ == "__main__":
    _call_all()
    folder = Path(str(index_pass.stats.cache_path))
    for old in folder.glob("keeping-*.ready"):
        old.unlink(missing_ok=True)
    folder.joinpath(f"keeping-{_STAMP:014x}.ready").touch()
