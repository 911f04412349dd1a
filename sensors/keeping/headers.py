"""The endpoints in a frame, compiled: of every IP header, those inside tunnels included.

What is ordinary is read here, everything else by the decoder itself (`sensors.packet.decode`,
`links`, `tunnels`): the index knows the links and tunnels that events know. Nothing is reassembled:
each fragment is a frame of its own.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from fengsui.jit import entry
from sensors.packet.decode import TCP, UDP, decode, decode_next, transport_of
from sensors.packet.jit import compiled, i64
from sensors.packet.layout import GUARD, STATE, Record
from sensors.packet.tunnels import MAX_DEPTH, is_candidate, unwrap

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.int64]
State = Any  # array of one STATE

MAX_LEVELS: Final = MAX_DEPTH + 1
# One level: family, transport, addresses (high, low of source and destination), ports, fragment.
LEVEL: Final = 10
FRAGMENT: Final = 8  # identification of the fragmented datagram, -1 where it is whole
LATER: Final = 9  # 1 for a fragment that is not the first: it has no ports
_CLEARED: Final = 256  # bytes behind a packet that are made zero: the decoder may look at some
_LEAST: Final = 64  # bytes of a frame that is read without copying it


def new_state() -> State:
    """What the decoder needs to work on one packet after the other."""
    state = np.zeros(1, STATE)
    state["ring_vlan"] = -1
    return state


def room_for(size: int) -> Bytes:
    """Where `levels` may copy packets of up to `size` bytes."""
    return np.empty(size + GUARD, np.uint8)


@compiled
def _word(mem: Bytes, at: int) -> int:
    return (i64(mem[at]) << 8) | i64(mem[at + 1])


@compiled
def _long(mem: Bytes, at: int) -> int:
    return (_word(mem, at) << 16) | _word(mem, at + 2)


@compiled
def levels(
    mem: Bytes, at: int, end: int, link: int, s: Record, room: Bytes, out: Words
) -> int:  # fmt: skip
    """Endpoints of each IP header of the frame mem[at:end] into `out`; how many levels.

    `room` (`room_for`) has space for the frame, what it has not is left out; `s` is of `new_state`.
    """
    if link == 1 and end - at >= _LEAST and _ordinary(mem, at, s, out):
        return 1
    size = min(end - at, len(room) - GUARD)
    for i in range(size):
        room[i] = mem[at + i]
    for i in range(size, size + _CLEARED):
        room[i] = 0
    s.packet = 0
    s.captured = size
    s.length = size
    s.link = link
    decode(room, s)
    count = _contents(room, s, out, 0)
    while s.bundle and count < MAX_LEVELS:
        decode_next(room, s)
        count = _contents(room, s, out, count)
    return count


@compiled
def _ordinary(mem: Bytes, at: int, s: Record, out: Words) -> bool:
    """TCP or UDP, whole and in no tunnel, right behind IP and Ethernet with a tag or none."""
    if mem[at] == 1 and mem[at + 1] == 0 and mem[at + 2] == 0x0C:  # Cisco's own protocols
        return False
    kind = _word(mem, at + 12)
    at += 14
    if kind == 0x8100:
        kind = _word(mem, at + 2)
        at += 4
    if kind == 0x0800 and mem[at] == 0x45 and _word(mem, at + 6) & 0x3FFF == 0:
        out[0] = 4
        out[1] = i64(mem[at + 9])
        out[2] = 0
        out[3] = _long(mem, at + 12)
        out[4] = 0
        out[5] = _long(mem, at + 16)
        at += 20
    elif kind == 0x86DD and mem[at] >> 4 == 6:
        out[0] = 6
        out[1] = i64(mem[at + 6])
        for i in range(4):
            out[2 + i] = _long(mem, at + 8 + 8 * i) << 32 | _long(mem, at + 12 + 8 * i)
        at += 40
    else:
        return False
    if out[1] != TCP and out[1] != UDP:
        return False
    out[6] = _word(mem, at)
    out[7] = _word(mem, at + 2)
    out[FRAGMENT] = -1
    out[LATER] = 0
    s.transport = out[1]
    s.source_port = out[6]
    s.destination_port = out[7]
    return not is_candidate(s)


@compiled
def _contents(room: Bytes, s: Record, out: Words, count: int) -> int:
    """The levels of what was decoded, and of what tunnels in it carry; how many there are now."""
    while s.family and count < MAX_LEVELS:
        row = count * LEVEL
        count += 1
        out[row] = s.family
        out[row + 1] = s.transport
        out[row + 2] = s.source_high
        out[row + 3] = s.source_low
        out[row + 4] = s.destination_high
        out[row + 5] = s.destination_low
        out[row + 6] = 0
        out[row + 7] = 0
        out[row + FRAGMENT] = s.fragment_id if s.fragment else -1
        out[row + LATER] = 1 if s.fragment and s.fragment_at else 0
        if out[row + LATER]:
            break
        if s.fragment:
            transport_of(room, s, 0)
        if out[row + 1] != 1 and out[row + 1] != 58:  # all messages of ICMP are one flow
            out[row + 6] = s.source_port
            out[row + 7] = s.destination_port
        if not s.family or not is_candidate(s) or not unwrap(room, s):
            break
    return count


@entry
def read_levels(mem: Bytes, link: int, s: State, room: Bytes, out: Words) -> int:
    """`levels` of a whole frame for Python, after `records.warm_up`; `out` has room for MAX_LEVELS."""
    return levels(mem, 0, len(mem), link, s[0], room, out)
