"""State and history of TCP connections in Zeek's terms (conn_state, history)."""

from __future__ import annotations

from typing import Final

from sensors.packet import texts as t9n
from sensors.packet.decode import ICMP, ICMP6, TCP
from sensors.packet.history import (
    RETRANSMITTED,
    ZERO_WINDOWS,
    note_counted,
    note_history,
    note_marked,
)
from sensors.packet.jit import compiled, i64
from sensors.packet.layout import Record
from sensors.packet.reassembly import signed32

FIN: Final = 1
SYN: Final = 2
RST: Final = 4
ACK: Final = 16
# State of an endpoint.
INACTIVE: Final = 0
SYN_SENT: Final = 1
PARTIAL: Final = 2
ESTABLISHED: Final = 3
CLOSED: Final = 4
RESET: Final = 5


# Places in marked, two each.
_SYNS: Final = 0
_FINS: Final = 2
_RSTS: Final = 4
_FAR: Final = 1 << 20  # a SYN or RST further away than this says nothing of where its side is


@compiled
def track(s: Record, f: Record, side: int) -> None:
    """Letters, endpoint states and sequence numbers of one segment, as Zeek keeps them."""
    flags = s.flags
    size = s.payload_size
    _start(s, f, side)
    last = s.sequence + (0 if flags & RST else size)
    last += (1 if flags & SYN else 0) + (1 if flags & FIN else 0)
    _letters(f, side, flags, size, f.sent[side] + signed32(s.sequence - f.last_seq[side]))
    if s.window == 0 and not flags & RST and f.state[1 - side] != CLOSED and f.state[side] != RESET:
        note_counted(f, side, 87, ZERO_WINDOWS)
    if flags & FIN:
        f.fins[side] = 1
    if flags & ACK:
        _acknowledged(s, f, 1 - side)
    far = signed32(last - f.last_seq[side])
    alone = f.last_seq[side] == (f.start_seq[side] + 1) & 0xFFFFFFFF
    if flags & (SYN | RST) and (far > _FAR or far < -_FAR):
        pass
    elif (flags & FIN and alone) or (f.state[side] != RESET and far > 0):
        f.last_seq[side] = last & 0xFFFFFFFF
        f.sent[side] += far
    elif f.state[side] != RESET and size > 0:
        note_counted(f, side, 84, RETRANSMITTED)
    _go(f, side, flags, size)
    if not f.seq_known[side] and flags & SYN:
        f.seq_known[side] = 1
        f.next_seq[side] = (s.sequence + 1) & 0xFFFFFFFF
        f.high_seq[side] = f.next_seq[side]


@compiled
def _begin_at(f: Record, side: int, start: int, last: int) -> None:
    f.start_seq[side] = start & 0xFFFFFFFF
    f.ack_seq[side] = start & 0xFFFFFFFF
    f.last_seq[side] = last & 0xFFFFFFFF
    f.sent[side] = signed32(last - start)
    f.acked[side] = 0


@compiled
def _start(s: Record, f: Record, side: int) -> None:
    """Where a side's numbers begin: at its SYN, else one before its first byte."""
    state = f.state[side]
    begin = s.sequence
    end = begin + 1 + (0 if s.flags & RST else s.payload_size) + (1 if s.flags & FIN else 0)
    if state == INACTIVE:
        if s.flags & SYN:
            _begin_at(f, side, begin, end)
        else:
            _begin_at(f, side, begin - 1, begin)
    elif s.flags & SYN:
        moved = begin != f.start_seq[side]
        if (
            state == PARTIAL
            or state == ESTABLISHED
            or (state == SYN_SENT and moved)
            or (state == RESET and f.before[side] == INACTIVE)
        ):
            _begin_at(f, side, begin, end)


@compiled
def _letters(f: Record, side: int, flags: int, size: int, where: int) -> None:
    if flags & (SYN | FIN | RST) == 0:
        if size > 0:
            note_history(f, side, 68, 4)
        elif flags & ACK:
            note_history(f, side, 65, 8)
    elif flags & (FIN | RST) == FIN | RST:
        note_history(f, side, 73, 1024)
    elif flags & SYN and flags & (FIN | RST):
        note_history(f, side, 81, 512)
    elif flags & SYN:
        note_marked(f, side, 72 if flags & ACK else 83, 1, _SYNS, where)
    elif flags & FIN:
        note_marked(f, side, 70, 16, _FINS, where + size)
    else:
        note_marked(f, side, 82, 32, _RSTS, where)


@compiled
def _acknowledged(s: Record, f: Record, other: int) -> None:
    """How far the other side's bytes have arrived."""
    if f.state[other] == INACTIVE:
        _begin_at(f, other, s.acknowledged - 1, s.acknowledged - 1)
        return
    further = signed32(s.acknowledged - f.ack_seq[other])
    if further > 0 and not s.flags & RST and (s.acknowledged != 0 or further <= _FAR):
        f.ack_seq[other] = s.acknowledged & 0xFFFFFFFF
        f.acked[other] += further


@compiled
def _enter(f: Record, side: int, state: int) -> None:
    if f.state[side] != state:
        f.before[side] = f.state[side]
        f.state[side] = state


@compiled
def _go(f: Record, side: int, flags: int, size: int) -> None:
    """The endpoint's next state."""
    other = 1 - side
    state = f.state[side]
    if state == RESET:
        return
    if state == CLOSED:
        if flags & RST and f.state[other] != CLOSED:
            _enter(f, side, RESET)
        return
    if state == INACTIVE:
        _wake(f, side, flags, size)
    elif state == PARTIAL and flags & (SYN | ACK) == SYN and f.state[other] == INACTIVE:
        _enter(f, side, SYN_SENT)
    if flags & FIN and not flags & RST:
        _enter(f, side, CLOSED)
        if f.state[other] == RESET and f.before[other] == CLOSED:
            if state == PARTIAL or state == ESTABLISHED:
                _enter(f, other, CLOSED)
    if flags & RST:
        _enter(f, side, RESET)


@compiled
def _wake(f: Record, side: int, flags: int, size: int) -> None:
    """A side's first segment."""
    other = 1 - side
    if flags & SYN:
        if side == 0:
            _enter(f, side, SYN_SENT)
            return
        if f.state[other] == SYN_SENT:
            _enter(f, other, ESTABLISHED)
        _enter(f, side, ESTABLISHED)
    elif flags & (FIN | RST) == 0:
        if side == 1 and size == 0 and f.state[0] == SYN_SENT:
            return  # acknowledges a SYN before it answers it
        if flags & ACK and f.state[other] == ESTABLISHED:
            _enter(f, side, ESTABLISHED)  # only its SYN was missed
        else:
            _enter(f, side, PARTIAL)


@compiled
def grown(f: Record, side: int) -> int:
    """Bytes that a side has sent, by sequence numbers: what the other acknowledged counts too."""
    if f.transport != TCP:
        return i64(f.payload[side])
    if f.before[side] == SYN_SENT and f.state[side] == RESET and f.state[1 - side] == INACTIVE:
        if f.acked[side] > 1:
            return 0  # a half-open connection that was refused: its numbers are of no stream
    count = max(i64(f.sent[side]), i64(f.acked[side]))
    count -= 1 if count > 0 else 0
    return count - (1 if count > 0 and f.fins[side] else 0)


@compiled
def _never_answered(f: Record) -> bool:
    """Whether the history is a SYN and then a RST of the originator, and nothing else of its own."""
    at = 1 if f.history_size and f.history[0] == 94 else 0
    if at >= f.history_size or f.history[at] != 83:
        return False
    for i in range(at + 1, f.history_size):
        letter = f.history[i]
        if letter == 82:
            return True
        # H A F G I Q
        if (
            letter == 72
            or letter == 65
            or letter == 70
            or letter == 71
            or letter == 73
            or letter == 81
        ):
            return False
    return False


@compiled
def is_over(f: Record) -> bool:
    """Both sides have closed, or one has reset."""
    if f.state[0] == RESET or f.state[1] == RESET:
        return True
    return bool(f.state[0] == CLOSED and f.state[1] == CLOSED)


@compiled
def connection_state(f: Record) -> int:
    """Number of Zeek's conn_state in `texts.STATE_TEXT`."""
    if f.transport == ICMP or f.transport == ICMP6:
        return t9n.OTH
    if f.transport != TCP:
        if f.packets[0] > 0:
            return t9n.SF if f.packets[1] > 0 else t9n.S0
        return t9n.SHR
    first = f.state[0]
    second = f.state[1]
    first_idle = first == INACTIVE or first == PARTIAL
    second_idle = second == INACTIVE or second == PARTIAL
    if second == RESET:
        if first == SYN_SENT or (first == RESET and grown(f, 0) == 0 and grown(f, 1) == 0):
            return t9n.REJ
        return t9n.RSTRH if first_idle else t9n.RSTR
    if first == RESET:
        if second_idle:
            return t9n.RSTOS0 if _never_answered(f) else t9n.OTH
        return t9n.RSTO
    if first == CLOSED and second == CLOSED:
        return t9n.SF
    if first == CLOSED:
        return t9n.SH if second_idle else t9n.S2
    if second == CLOSED:
        return t9n.SHR if first_idle else t9n.S3
    if first == SYN_SENT and second == INACTIVE:
        return t9n.S0
    if first == ESTABLISHED and second == ESTABLISHED:
        return t9n.S1
    return t9n.OTH
