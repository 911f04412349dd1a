"""What all events share: id, time, dataset, endpoints, community id, session id.

Ids are MurmurHash3 x64 128 over eight 64-bit words: dataset number, time of the event (ns), the four
address words, ports with transport and family, ordinal of the event within its flow. They depend on
the packets alone, not on file name, format or compression. The session id is the same hash over
start and tuple, as `C` and 17 digits of base 62. Community ID: Corelight's specification 1, seed 0.
"""

from __future__ import annotations

from typing import Final

from sensors.packet import texts as t9n
from sensors.packet.decode import ICMP, ICMP6, SCTP, TCP, UDP
from sensors.packet.hashing import murmur, sha1
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import (
    put,
    put_address,
    put_base62,
    put_base64,
    put_hash,
    put_member,
    put_number,
    put_text_member,
    put_time,
)
from sensors.packet.kinds import EVENT_DROPPED
from sensors.packet.layout import (
    EVENT_ROOM,
    OBSERVER,
    OUT,
    OUT_SIZE,
    SCRATCH,
    SCRATCH_SIZE,
    Record,
    Tables,
)

FLOW: Final = 0
DNS: Final = 1
HTTP: Final = 2
TLS: Final = 3
FLOW_OPEN: Final = 4
_SESSION: Final = 9  # dataset number of the session id's hash
_SIGN: Final = -(1 << 63)
_AT: Final = SCRATCH + SCRATCH_SIZE - 256  # where messages of Community ID are built


@compiled
def _hash_words(t: Tables, f: Record, dataset: int, time: int, ordinal: int) -> None:
    w = t.work
    w[0] = dataset
    w[1] = time
    for i in range(4):
        w[2 + i] = f.address[i]
    w[6] = i64(f.port[0]) << 32 | i64(f.port[1]) << 16 | i64(f.transport) << 8 | i64(f.family)
    w[7] = ordinal


@compiled
def _community(t: Tables, f: Record) -> None:
    """20 bytes of SHA-1 over seed, ordered endpoints and ports."""
    mem = t.arena
    first = 0
    a_high = f.address[0] ^ _SIGN
    b_high = f.address[2] ^ _SIGN
    a_low = f.address[1] ^ _SIGN
    b_low = f.address[3] ^ _SIGN
    if not f.one_way:
        if a_high > b_high or (a_high == b_high and a_low > b_low):
            first = 1
        elif a_high == b_high and a_low == b_low and f.port[0] > f.port[1]:
            first = 1
    at = _AT
    mem[at] = 0
    mem[at + 1] = 0
    at += 2
    width = 4 if f.family == 4 else 16
    for side in (first, 1 - first):
        for i in range(16 - width, 16):
            word = f.address[2 * side + (i >> 3)]
            mem[at] = (word >> (56 - 8 * (i & 7))) & 255
            at += 1
    mem[at] = f.transport
    mem[at + 1] = 0
    at += 2
    transport = f.transport
    if (
        transport == TCP
        or transport == UDP
        or transport == SCTP
        or transport == ICMP
        or transport == ICMP6
    ):
        for side in (first, 1 - first):
            mem[at] = f.port[side] >> 8
            mem[at + 1] = f.port[side] & 255
            at += 2
    sha1(mem, t.work, _AT, at - _AT)
    for i in range(20):
        f.community[i] = (t.work[96 + (i >> 2)] >> (24 - 8 * (i & 3))) & 255
    f.named = 1


@compiled
def begin_event(t: Tables, f: Record, dataset: int, time: int, ordinal: int, client: int) -> int:
    """Write what all events share, source being side `client`; position behind, or -1 without room."""
    s = t.state[0]
    mem = t.arena
    pos = s.out
    if not s.wanted >> dataset & 1:
        return -1
    if pos + EVENT_ROOM > OUT + OUT_SIZE:
        t.losses[EVENT_DROPPED] += 1
        return -1
    _hash_words(t, f, dataset, time, ordinal)
    high, low = murmur(t.work, 8)
    pos = put(mem, pos, t9n.HEAD)
    pos = put_hash(mem, pos, high)
    pos = put_hash(mem, pos, low)
    pos = put(mem, pos, t9n.TIMESTAMP)
    pos = put_time(mem, pos, time)
    pos = put(mem, pos, t9n.DATASET)
    pos = put(mem, pos, t9n.DATASET_TEXT[dataset])
    return put_common(t, f, put(mem, pos, t9n.NEXT), client)


@compiled
def put_common(t: Tables, f: Record, pos: int, client: int) -> int:
    """What all events of a flow share: members of an object, source being side `client`."""
    s = t.state[0]
    mem = t.arena
    if not f.named:
        _community(t, f)
    pos = put(mem, pos, t9n.COMMON)
    for i in range(s.observer):
        mem[pos + i] = mem[OBSERVER + i]
    pos = _endpoints(t, f, pos + s.observer, client)
    for i in range(20):
        mem[_AT + i] = f.community[i]
    pos = put_base64(mem, pos, _AT, 20)
    pos = put(mem, pos, t9n.SESSION)
    _hash_words(t, f, _SESSION, f.start, 0)
    high, low = murmur(t.work, 8)
    pos = put_base62(mem, pos, high, 9)
    pos = put(mem, put_base62(mem, pos, low, 8), t9n.QUOTE)
    return _put_tunnel(t, f, pos, client) if f.tunnel else pos


@compiled
def _put_tunnel(t: Tables, f: Record, pos: int, client: int) -> int:
    """Kind, id and addresses of the outermost tunnel."""
    mem = t.arena
    pos = put_text_member(mem, pos, t9n.TUNNEL_TYPE, i64(t9n.TUNNELS[f.tunnel]))
    if f.tunnel_id >= 0:
        pos = put_member(mem, pos, t9n.TUNNEL_ID, f.tunnel_id)
    for side in range(2):
        pos = put(mem, pos, t9n.TUNNEL_SOURCE if side == client else t9n.TUNNEL_DESTINATION)
        pos = put_address(mem, pos, f.outer_family, f.outer[2 * side], f.outer[2 * side + 1])
        pos = put(mem, pos, t9n.QUOTE)
    return pos


@compiled
def _endpoints(t: Tables, f: Record, pos: int, client: int) -> int:
    mem = t.arena
    pos = put(mem, pos, t9n.TYPE4 if f.family == 4 else t9n.TYPE6)
    name = t9n.TRANSPORTS[f.transport]
    pos = put(mem, pos, name) if name else put_number(mem, pos, i64(f.transport))
    pos = put(mem, pos, t9n.IANA)
    pos = put_number(mem, pos, i64(f.transport))
    ported = f.transport == TCP or f.transport == UDP or f.transport == SCTP
    ported = ported or f.transport == ICMP or f.transport == ICMP6 or f.port[0] > 0
    pos = put(mem, pos, t9n.SOURCE_IP)
    pos = put_address(mem, pos, f.family, f.address[2 * client], f.address[2 * client + 1])
    server = 1 - client
    if ported:
        pos = put_member(mem, pos, t9n.SOURCE_PORT, i64(f.port[client]))
        pos = put(mem, pos, t9n.DESTINATION_IP)
    else:
        pos = put(mem, pos, t9n.SOURCE_ONLY_IP)
    pos = put_address(mem, pos, f.family, f.address[2 * server], f.address[2 * server + 1])
    if ported:
        pos = put_member(mem, pos, t9n.DESTINATION_PORT, i64(f.port[server]))
        return put(mem, pos, t9n.COMMUNITY)
    return put(mem, pos, t9n.COMMUNITY_QUOTED)


@compiled
def put_protocol(t: Tables, pos: int, number: int) -> int:
    """`network.protocol`; nothing where it was not recognised."""
    if number == 0:
        return pos
    return put_name_of(t, put(t.arena, pos, t9n.FLOW_PROTOCOL), number)


@compiled
def put_name_of(t: Tables, pos: int, number: int) -> int:
    """A protocol's name and the closing quote."""
    mem = t.arena
    at = t.words[number] >> 12
    size = t.words[number] & 4095
    for i in range(size):
        mem[pos + i] = mem[at + i]
    return put(mem, pos + size, t9n.QUOTE)


@compiled
def end_event(t: Tables, pos: int, dataset: int) -> None:
    """Close the line and count it."""
    s = t.state[0]
    s.out = put(t.arena, pos, t9n.CLOSE)
    s.batch_events += 1
    t.events[dataset] += 1


@compiled
def next_ordinal(f: Record) -> int:
    """1, 2, 3, … within the flow; the flow's own event has 0."""
    f.ordinal += 1
    return i64(f.ordinal)
