"""State and history of TCP connections in Zeek's terms (conn_state, history)."""

from __future__ import annotations

from typing import Final

from sensors.packet import texts as t9n
from sensors.packet.decode import ICMP, ICMP6, TCP
from sensors.packet.history import note_history
from sensors.packet.jit import compiled
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


@compiled
def track(s: Record, f: Record, side: int) -> None:
    """Letters and endpoint states for one segment; sequence numbers of a SYN."""
    flags = s.flags
    other = 1 - side
    size = s.payload_size
    if flags & SYN:
        note_history(f, side, 72 if flags & ACK else 83, 2 if flags & ACK else 1)
        if not f.seq_known[side]:
            f.seq_known[side] = 1
            f.next_seq[side] = (s.sequence + 1) & 0xFFFFFFFF
            f.high_seq[side] = f.next_seq[side]
        if f.state[side] < ESTABLISHED:
            f.state[side] = ESTABLISHED if flags & ACK else SYN_SENT
        if flags & ACK and f.state[other] == SYN_SENT:
            f.state[other] = ESTABLISHED
    elif f.state[side] == INACTIVE and not flags & RST:
        f.state[side] = PARTIAL
    elif f.state[side] == SYN_SENT and flags & ACK and not flags & RST:
        f.state[side] = ESTABLISHED
    if size > 0:
        if f.seq_known[side] and signed32(s.sequence + size - f.high_seq[side]) <= 0:
            if size > 1 and not f.held[side] and not flags & SYN:
                note_history(f, side, 84, 64)
        note_history(f, side, 68, 4)
    elif flags & (SYN | FIN | RST) == 0 and flags & ACK:
        note_history(f, side, 65, 8)
    if s.window == 0 and flags & (SYN | RST) == 0:
        note_history(f, side, 87, 256)
    if flags & SYN and flags & (FIN | RST):
        note_history(f, side, 81, 512)
    if flags & FIN:
        note_history(f, side, 70, 16)
        if f.state[side] != RESET:
            f.state[side] = CLOSED
    if flags & RST:
        note_history(f, side, 82, 32)
        f.state[side] = RESET


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
        if first == SYN_SENT or (first == RESET and f.payload[0] == 0 and f.payload[1] == 0):
            return t9n.REJ
        return t9n.RSTRH if first_idle else t9n.RSTR
    if first == RESET:
        return t9n.RSTOS0 if second_idle else t9n.RSTO
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
