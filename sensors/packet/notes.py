"""Notes: events half written, waiting for their second half. A bounded pool of fixed blocks."""

from __future__ import annotations

from sensors.packet.jit import compiled, i64
from sensors.packet.layout import NOTE_COUNT, NOTE_SIZE, NOTES, Record, Tables


@compiled
def note_text(index: int) -> int:
    """Where the note's text lies in the arena."""
    return NOTES + index * NOTE_SIZE


@compiled
def new_note(t: Tables, s: Record) -> int:
    """Index of an empty note, or -1 when all are in use."""
    if s.free_note:
        index = s.free_note - 1
        s.free_note = t.notes[index].next
    elif s.fresh_note < NOTE_COUNT:
        index = s.fresh_note
        s.fresh_note += 1
    else:
        return -1
    n = t.notes[index]
    n.size = 0
    n.mime = 0
    n.next = 0
    n.method = 0
    n.client = 0
    n.encoded = 0
    n.bytes[0] = 0
    n.bytes[1] = 0
    n.depth = 0
    n.logon = 0
    n.chain = 0
    n.client_chain = 0
    n.alert = 0
    return i64(index)


@compiled
def free_note(t: Tables, s: Record, index: int) -> None:
    """Hand it back."""
    t.notes[index].next = s.free_note
    s.free_note = index + 1


@compiled
def queue_note(t: Tables, f: Record, index: int) -> None:
    """Behind the flow's others."""
    if f.last_note:
        t.notes[f.last_note - 1].next = index + 1
    else:
        f.first_note = index + 1
    f.last_note = index + 1
    f.notes += 1


@compiled
def take_note(t: Tables, f: Record) -> int:
    """Index of the flow's first note, out of its queue, or -1."""
    if not f.first_note:
        return -1
    index = f.first_note - 1
    f.first_note = t.notes[index].next
    if not f.first_note:
        f.last_note = 0
    f.notes -= 1
    t.notes[index].next = 0
    return i64(index)
