"""The single pass: records in, events out. The one entry point of compiled code for sensing."""

from __future__ import annotations

from typing import Final

from sensors.packet import kinds
from sensors.packet.answers import ASKING, BAD, ENDED, MORE, READY
from sensors.packet.containers import BROKEN, NEED_INPUT, PACKET, next_record
from sensors.packet.decode import TCP, UDP, decode, decode_next
from sensors.packet.dns_queries import dns_message, expire_queries
from sensors.packet.flow import begin_flow, end_flow, expire, list_of, report_open
from sensors.packet.flow_table import NOT_FOUND, find, is_idle, packet_hash, touch
from sensors.packet.fragments import expire_fragments, put_together
from sensors.packet.handover import hand_over
from sensors.packet.history import note_history
from sensors.packet.jit import compiled, entry, i64
from sensors.packet.layout import (
    ASKED,
    DONE,
    HANDED,
    HANDOVER_READY,
    NEW,
    OUT_READY,
    SECOND,
    WANT_SESSIONS,
    WANT_UNKNOWN,
    Record,
    Tables,
)
from sensors.packet.protocols import QUIC, detect_datagram, is_dns
from sensors.packet.records import DATA
from sensors.packet.session import begin_session
from sensors.packet.stream import acknowledge, feed
from sensors.packet.tcp import ACK, SYN, is_over, track
from sensors.packet.tunnels import is_candidate, unwrap

TICK: Final = 10 * SECOND  # of packet time, after which a batch is due


@entry
def run(t: Tables, finishing: int) -> int:
    """Decode what the input buffer holds, or, `finishing`, end what is open; MORE … ENDED.

    READY asks to take the output and what is handed over, ASKING to answer what is handed over.
    """
    s = t.state[0]
    if finishing:
        return _finish(t, s)
    if s.tick:
        _tick(t, s)
    while True:
        if s.out > OUT_READY or s.handover > HANDOVER_READY or abs(s.clock - s.batch_at) > TICK:
            s.batch_at = s.clock
            return READY
        if s.asking:
            s.asking = 0
            return ASKING
        status = next_record(t.arena, s, t.losses)
        if status == NEED_INPUT:
            return MORE
        if status == BROKEN:
            return BAD
        if status == PACKET:
            _packet(t, s)


@compiled
def _tick(t: Tables, s: Record) -> None:
    """End what was silent for too long, on an interface where nothing arrives."""
    s.clock = max(s.clock, s.tick)
    s.tick = 0
    expire_fragments(t, s, 0)
    expire_queries(t, s, 0)
    expire(t, s)


@compiled
def _finish(t: Tables, s: Record) -> int:
    expire_fragments(t, s, 1)
    expire_queries(t, s, 1)
    if s.oldest_query:
        return READY
    for number in range(4):
        while s.head[number]:
            if s.out > OUT_READY or s.handover > HANDOVER_READY:
                return READY
            end_flow(t, s, s.head[number] - 1)
    return ENDED


@compiled
def _packet(t: Tables, s: Record) -> None:
    if s.captured < s.length:
        t.losses[kinds.SLICED] += 1
    if s.records == 0:
        s.first = s.time
        s.clock = s.time
        s.expired_at = s.time
        s.batch_at = s.time
    s.records += 1
    s.first = min(s.first, s.time)
    s.newest = max(s.newest, s.time)
    # The clock goes forward with the packets, and back only by leaps (joined captures).
    if s.time > s.clock or s.clock - s.time > 3600 * SECOND:
        s.clock = s.time
    expire_queries(t, s, 0)
    expire(t, s)
    t.counts[decode(t.arena, s)] += 1
    _contents(t, s)
    while s.bundle:
        decode_next(t.arena, s)
        _contents(t, s)


@compiled
def _contents(t: Tables, s: Record) -> None:
    """What a frame carries, and what tunnels in it carry."""
    while s.family:
        if s.fragment:
            put_together(t, s)
            if s.fragment or not s.family:
                return
        if not is_candidate(s):
            _flow_packet(t, s)
            return
        if s.transport == UDP:  # a flow of its own besides what it carries
            _flow_packet(t, s)
            if not unwrap(t.arena, s):
                return
        elif not unwrap(t.arena, s):
            _flow_packet(t, s)
            return


@compiled
def _flow_packet(t: Tables, s: Record) -> None:
    hashed = packet_hash(s)
    found = find(t, s, hashed)
    if found >= 0:
        f = t.flows[found // 2]
        again = s.transport == TCP and s.flags & (SYN | ACK) == SYN
        again = again and (is_over(f) or (not found & 1 and s.sequence != f.start_seq[0]))
        if again or is_idle(s, f):
            end_flow(t, s, found // 2)
            found = NOT_FOUND
    if found < 0:
        found = begin_flow(t, s, hashed)
    index = found // 2
    side = found & 1
    f = t.flows[index]
    f.packets[side] += 1
    f.bytes[side] += s.ip_bytes
    f.last = max(f.last, s.time)
    if s.transport == TCP:
        _tcp_packet(t, s, index, side)
    else:
        f.payload[side] += s.payload_size
        if s.transport == UDP:
            _udp_packet(t, s, index, side)
    touch(t, s, index, list_of(f))
    if s.report_every and s.time - f.reported > s.report_every:
        report_open(t, s, index)


@compiled
def _tcp_packet(t: Tables, s: Record, index: int, side: int) -> None:
    f = t.flows[index]
    track(s, f, side)
    if s.flags & ACK:
        acknowledge(t, s, index, side)
    if s.payload_size > 0:
        sequence = (s.sequence + (1 if s.flags & SYN else 0)) & 0xFFFFFFFF
        feed(t, s, index, side, sequence)


@compiled
def _udp_packet(t: Tables, s: Record, index: int, side: int) -> None:
    f = t.flows[index]
    if s.payload_size > 0:
        note_history(f, side, 68, 4)
    stage = f.stage[0]
    if stage == NEW:
        found = detect_datagram(t.arena, s.payload, s.payload_end, i64(f.port[1]), i64(f.port[0]))
        f.tried += 1
        if found:
            f.protocol = found
            stage = DONE
            if t.roles[found] and s.wanted & WANT_SESSIONS and begin_session(t, s, index):
                stage = HANDED
        elif s.wanted & WANT_UNKNOWN and s.payload_size > 0:
            stage = ASKED if begin_session(t, s, index) else DONE
        elif f.tried >= 3:
            stage = DONE
        f.stage[0] = stage
    if is_dns(i64(f.protocol)):
        cut = 1 if s.payload_end - s.payload < s.payload_size else 0
        dns_message(t, s, index, side, s.payload, s.payload_end, cut)
    elif stage == HANDED or stage == ASKED:
        if s.payload_end <= s.payload:
            return
        if f.protocol == QUIC and t.arena[s.payload] < 128 and f.packets[0] + f.packets[1] > 4:
            return  # all but the first packets of a connection are encrypted
        if stage == ASKED:
            s.asking = 1
        hand_over(t, s, index, DATA, side, s.payload, s.payload_end, 0)
