"""What the decoder hands over to plain parsers (`sensors.sessions`): records in a bounded region.

A record is a head of forty bytes and its bytes, padded to eight, all little endian:

    i4 bytes, i4 kind, i4 flow index, i4 side, i8 flow serial, i8 time (ns), i4 protocol, i4 number

Kinds are those of `sensors.packet.records`. They stand in the order of the packets, so that a parser
sees both sides of a conversation as they took turns. A record that finds no room is dropped and counted.
"""

from __future__ import annotations

from typing import Final

from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import copy
from sensors.packet.kinds import HANDOVER_DROPPED
from sensors.packet.layout import HANDOVER, HANDOVER_HEAD, HANDOVER_SIZE, Bytes, Record, Tables
from sensors.packet.records import BODY

_END: Final = HANDOVER + HANDOVER_SIZE


@compiled
def _put32(mem: Bytes, at: int, value: int) -> None:
    for i in range(4):
        mem[at + i] = (value >> (8 * i)) & 255


@compiled
def _put64(mem: Bytes, at: int, value: int) -> None:
    for i in range(8):
        mem[at + i] = (value >> (8 * i)) & 255


@compiled
def hand_over(
    t: Tables, s: Record, flow: int, kind: int, side: int, at: int, end: int, number: int
) -> bool:
    """Write a record with the bytes between `at` and `end`; whether there was room."""
    size = end - at
    to = open_record(t, s, flow, kind, side, size, number)
    if to < 0:
        return False
    copy(t.arena, to, at, size)
    return True


@compiled
def open_record(
    t: Tables, s: Record, flow: int, kind: int, side: int, size: int, number: int
) -> int:
    """Write a record's head; where its `size` bytes are to be put, or -1 without room."""
    mem = t.arena
    at = s.handover
    if at + HANDOVER_HEAD + size + 8 > HANDOVER + HANDOVER_SIZE:
        t.losses[HANDOVER_DROPPED] += 1
        return -1
    f = t.flows[flow]
    _put32(mem, at, size)
    _put32(mem, at + 4, kind)
    _put32(mem, at + 8, flow)
    _put32(mem, at + 12, side)
    _put64(mem, at + 16, f.serial)
    _put64(mem, at + 24, s.time)
    _put32(mem, at + 32, i64(f.protocol))
    _put32(mem, at + 36, number)
    s.last_body = 0
    s.handover = at + HANDOVER_HEAD + ((size + 7) & ~7)
    return i64(at + HANDOVER_HEAD)


@compiled
def hand_over_body(t: Tables, s: Record, flow: int, side: int, at: int, end: int) -> None:
    """Bytes of a body: they join the record before, where that is of the same one."""
    mem = t.arena
    f = t.flows[flow]
    last = s.last_body
    size = end - at
    if last and s.body_serial == f.serial * 2 + side and s.handover + size + 8 < _END:
        have = s.body_size
        copy(mem, last + HANDOVER_HEAD + have, at, size)
        s.body_size = have + size
        _put32(mem, last, have + size)
        s.handover = last + HANDOVER_HEAD + ((have + size + 7) & ~7)
        return
    begin = s.handover
    if hand_over(t, s, flow, BODY, side, at, end, 0):
        s.last_body = begin
        s.body_serial = f.serial * 2 + side
        s.body_size = size
