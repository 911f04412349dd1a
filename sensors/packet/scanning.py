"""Looking for the packets of one flow: the entry point of compiled code for slicing."""

from __future__ import annotations

from typing import Any

from sensors.packet.answers import BAD, FOUND, MORE
from sensors.packet.containers import BROKEN, NEED_INPUT, PACKET, next_record
from sensors.packet.decode import ICMP, ICMP6, decode
from sensors.packet.jit import compiled, entry
from sensors.packet.layout import Record, Tables
from sensors.packet.tunnels import is_candidate, unwrap


@entry
def scan(t: Tables, wanted: Any) -> int:
    """Go on to the next packet of the wanted flow: FOUND, MORE input needed, or BAD."""
    s = t.state[0]
    w = wanted[0]
    while True:
        status = next_record(t.arena, s, t.losses)
        if status == NEED_INPUT:
            return MORE
        if status == BROKEN:
            return BAD
        if status != PACKET or s.time < w.since or s.time > w.until:
            continue
        decode(t.arena, s)
        while s.family:
            if _is_of(s, w):
                return FOUND
            if s.fragment or not is_candidate(s) or not unwrap(t.arena, s):
                break


@compiled
def _is_of(s: Record, w: Record) -> bool:
    """Whether the packet, or the fragment, is of the wanted flow."""
    if s.family != w.family or s.transport != w.transport:
        return False
    forth = (
        s.source_high == w.address[0]
        and s.source_low == w.address[1]
        and s.destination_high == w.address[2]
        and s.destination_low == w.address[3]
    )
    back = (
        s.source_high == w.address[2]
        and s.source_low == w.address[3]
        and s.destination_high == w.address[0]
        and s.destination_low == w.address[1]
    )
    # Types stand where ports do in ICMP; a fragment may have no ports at all.
    if s.transport == ICMP or s.transport == ICMP6 or s.fragment:
        return bool(forth or back)
    if forth and s.source_port == w.port[0] and s.destination_port == w.port[1]:
        return True
    return bool(back and s.source_port == w.port[1] and s.destination_port == w.port[0])
