"""Handing a flow over: its first record tells what all its events share."""

from __future__ import annotations

from sensors.packet.events import put_common
from sensors.packet.handover import hand_over
from sensors.packet.jit import compiled
from sensors.packet.layout import SCRATCH, SCRATCH_SIZE, Record, Tables
from sensors.packet.records import BEGIN, NAMED
from sensors.packet.smb_reads import forget_quiet

_AT = SCRATCH + SCRATCH_SIZE // 2  # where it is written first; Community ID uses the end


@compiled
def begin_session(t: Tables, s: Record, flow: int) -> bool:
    """Begin a session for the flow, or say what it is where one was begun; whether it has one."""
    f = t.flows[flow]
    if f.handed:
        return hand_over(t, s, flow, NAMED, 0, 0, 0, 0)
    forget_quiet(f)
    for i in range(4):
        f.unanswered[i] = 0
    end = put_common(t, f, _AT, 0)
    f.handed = 1 if hand_over(t, s, flow, BEGIN, 0, _AT, end, 0) else 0
    return bool(f.handed)
