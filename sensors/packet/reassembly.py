"""Segments that came before the bytes in front of them, and the order in which they are given on.

Where segments overlap, the bytes that came first are kept: Zeek's policy. Each direction's segments
wait in slots of a bounded pool, in order of their sequence numbers.
"""

from __future__ import annotations

from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import copy
from sensors.packet.kinds import OVERLAP, SEGMENT_DROPPED
from sensors.packet.layout import MAX_HELD, SLOT_SIZE, SLOTS, Record, Tables
from sensors.packet.slots import free_slot, take_slot


@compiled
def signed32(value: int) -> int:
    """Distance of sequence numbers, which wrap."""
    return ((value + 0x80000000) & 0xFFFFFFFF) - 0x80000000


@compiled
def release(t: Tables, s: Record, flow: int, side: int) -> None:
    """Hand all slots of a direction back."""
    f = t.flows[flow]
    at = i64(f.held[side])
    while at:
        following = i64(t.slots_held[at - 1].next)
        free_slot(t, s, at)
        at = following
    f.held[side] = 0
    f.held_bytes[side] = 0


@compiled
def first_held(t: Tables, f: Record, side: int) -> int:
    """Bytes missing in front of the first segment that waits; -1 where none waits."""
    if not f.held[side]:
        return -1
    return signed32(t.slots_held[f.held[side] - 1].start - f.next_seq[side])


@compiled
def hold(t: Tables, s: Record, flow: int, side: int, sequence: int, at: int, size: int) -> bool:
    """Keep `size` bytes at `at` until what is in front of them comes; False where there is no room."""
    f = t.flows[flow]
    if f.held_bytes[side] + size > MAX_HELD:
        return False
    previous = 0
    following = i64(f.held[side])
    while size > 0:
        while following:
            held = t.slots_held[following - 1]
            distance = signed32(sequence - held.start)
            if distance < 0:
                break
            inside = i64(held.size) - distance
            if inside > 0:  # these bytes are there already
                if distance > 0 or inside < size:
                    t.losses[OVERLAP] += 1
                step = min(inside, size)
                sequence = (sequence + step) & 0xFFFFFFFF
                at += step
                size -= step
                if size == 0:
                    return True
            previous = following
            following = i64(held.next)
        step = min(size, SLOT_SIZE)
        if following:
            step = min(step, signed32(t.slots_held[following - 1].start - sequence))
        slot = take_slot(t, s)
        if not slot:
            return False
        one = t.slots_held[slot - 1]
        one.start = sequence
        one.size = step
        one.next = following
        if previous:
            t.slots_held[previous - 1].next = slot
        else:
            f.held[side] = slot
        copy(t.arena, SLOTS + (slot - 1) * SLOT_SIZE, at, step)
        f.held_bytes[side] += step
        previous = slot
        sequence = (sequence + step) & 0xFFFFFFFF
        at += step
        size -= step
    return True


@compiled
def take_held(t: Tables, s: Record, flow: int, side: int) -> int:
    """Number of the slot whose bytes come next, out of the list, or 0; the caller frees it.

    What of it was seen before is cut off at its front: `start` then is the expected sequence number
    and the bytes lie at the slot's end.
    """
    f = t.flows[flow]
    while f.held[side]:
        slot = i64(f.held[side])
        one = t.slots_held[slot - 1]
        early = signed32(one.start - f.next_seq[side])
        if early > 0:
            return 0
        f.held[side] = one.next
        f.held_bytes[side] -= one.size
        if one.size + early > 0:
            return slot
        free_slot(t, s, slot)
    return 0


@compiled
def drop_segment(t: Tables) -> None:
    """Count a segment that could not be kept."""
    t.losses[SEGMENT_DROPPED] += 1
