"""A bounded pool of small pieces of memory, for what has to wait for bytes in front of it."""

from __future__ import annotations

from sensors.packet.jit import compiled, i64
from sensors.packet.layout import SLOT_COUNT, Record, Tables


@compiled
def take_slot(t: Tables, s: Record) -> int:
    """Number of a slot, from 1, or 0 when all are in use."""
    if s.free_slot:
        number = s.free_slot
        s.free_slot = t.slots_held[number - 1].next
        return i64(number)
    if s.fresh_slot < SLOT_COUNT:
        s.fresh_slot += 1
        return i64(s.fresh_slot)
    return 0


@compiled
def free_slot(t: Tables, s: Record, number: int) -> None:
    """Hand it back."""
    t.slots_held[number - 1].next = s.free_slot
    s.free_slot = number
