"""Zeek's connection history: letters for what each side did, upper case for the originator.

S SYN, H SYN-ACK, A pure ACK, D payload, F FIN, R RST, T retransmission, W zero window, G gap,
Q SYN with FIN or RST; ^ where the sides were swapped. Each letter once a side.
"""

from __future__ import annotations

from sensors.packet.jit import compiled
from sensors.packet.layout import HISTORY_SIZE, Record


@compiled
def note_history(f: Record, side: int, letter: int, bit: int) -> None:
    """Add a letter once a side."""
    if f.letters[side] & bit or f.history_size >= HISTORY_SIZE:
        return
    f.letters[side] |= bit
    f.history[f.history_size] = letter if side == 0 else letter + 32
    f.history_size += 1


@compiled
def flip(f: Record) -> None:
    """Note that the first packet came from the responder."""
    f.history[f.history_size] = 94
    f.history_size += 1
