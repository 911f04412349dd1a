"""Zeek's connection history: letters for what each side did, upper case for the originator.

S SYN, H SYN-ACK, A pure ACK, D payload, F FIN, R RST, I FIN with RST, Q SYN with FIN or RST: once a
side; S, H, F and R again at another sequence number. T retransmission, W zero window, G gap: the
first, the tenth, the hundredth … ^ where the sides were swapped.
"""

from __future__ import annotations

from typing import Final

from sensors.packet.jit import compiled
from sensors.packet.layout import HISTORY_SIZE, Record

# Places in counts, two each.
RETRANSMITTED: Final = 0
ZERO_WINDOWS: Final = 2
GAPS: Final = 4


@compiled
def add_letter(f: Record, side: int, letter: int) -> None:
    """Add a letter; the first forty are kept."""
    if f.history_size < HISTORY_SIZE:
        f.history[f.history_size] = letter if side == 0 else letter + 32
        f.history_size += 1


@compiled
def note_history(f: Record, side: int, letter: int, bit: int) -> None:
    """Add a letter once a side."""
    if not f.letters[side] & bit:
        f.letters[side] |= bit
        add_letter(f, side, letter)


@compiled
def note_marked(f: Record, side: int, letter: int, bit: int, place: int, where: int) -> None:
    """Add a letter, and again at each other sequence number than the last one's."""
    where &= 0xFFFFFFFF
    if not f.letters[side] & bit or f.marked[place + side] != where:
        f.letters[side] |= bit
        add_letter(f, side, letter)
    f.marked[place + side] = where


@compiled
def note_counted(f: Record, side: int, letter: int, place: int) -> None:
    """Add a letter the first, the tenth, the hundredth … time."""
    f.counts[place + side] += 1
    count = f.counts[place + side]
    step = 1
    while step < count:
        step *= 10
    if step == count:
        add_letter(f, side, letter)


@compiled
def flip(f: Record) -> None:
    """Note that the first packet came from the responder."""
    f.history[f.history_size] = 94
    f.history_size += 1
