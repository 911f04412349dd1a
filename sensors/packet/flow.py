"""Life of a flow: begun by a packet, ended by silence, by its own end, or by a full table."""

from __future__ import annotations

from typing import Final

from sensors.packet import texts as t9n
from sensors.packet.decode import ICMP, ICMP6, SCTP, TCP, UDP
from sensors.packet.dns_queries import end_queries
from sensors.packet.events import (
    FLOW,
    FLOW_OPEN,
    begin_event,
    end_event,
    put_name_of,
    put_protocol,
)
from sensors.packet.flow_table import (
    ATTEMPT,
    CLOSED,
    DATAGRAM,
    OPEN,
    append,
    insert,
    is_idle,
    oldest,
    remove,
)
from sensors.packet.handover import hand_over
from sensors.packet.history import flip
from sensors.packet.http_body import end_http
from sensors.packet.jit import compiled, i64
from sensors.packet.json_writer import put, put_mac, put_member, put_number, put_time
from sensors.packet.kinds import EVICTED
from sensors.packet.layout import HANDOVER_READY, OUT_READY, SECOND, Record, Tables
from sensors.packet.records import END
from sensors.packet.smb_state import end_smb
from sensors.packet.stream import end_stream
from sensors.packet.tcp import ACK, SYN, connection_state, grown, is_over
from sensors.packet.tls import end_tls

_EXPIRY_STEP: Final = SECOND // 10


@compiled
def begin_flow(t: Tables, s: Record, hashed: int) -> int:
    """A new flow for the packet; index · 2 + side of the sender."""
    while s.live >= s.max_flows:
        t.losses[EVICTED] += 1
        end_flow(t, s, oldest(t, s))
    index = insert(t, s, hashed)
    f = t.flows[index]
    side = _sender(s)
    other = 1 - side
    f.address[2 * side] = s.source_high
    f.address[2 * side + 1] = s.source_low
    f.address[2 * other] = s.destination_high
    f.address[2 * other + 1] = s.destination_low
    f.port[side] = s.source_port
    f.port[other] = s.destination_port
    f.mac[side] = s.source_mac
    f.mac[other] = s.destination_mac
    f.family = s.family
    f.transport = s.transport
    f.one_way = s.one_way
    f.vlan = s.vlan
    f.inner_vlan = s.inner_vlan
    _note_tunnel(s, f, side)
    s.serial += 1
    f.serial = s.serial
    f.start = s.time
    f.reported = s.time
    f.last = s.time
    f.touched = s.clock
    if side == 1 and s.transport != ICMP and s.transport != ICMP6:
        flip(f)
    append(t, s, index, ATTEMPT if s.transport == TCP else DATAGRAM)
    return index * 2 + side


@compiled
def _note_tunnel(s: Record, f: Record, side: int) -> None:
    """Keep the addresses of the tunnel, turned as the flow is."""
    f.tunnel = s.tunnel
    if not s.tunnel:
        return
    f.tunnel_id = s.tunnel_id
    f.outer_family = s.outer_family
    for i in range(2):
        f.outer[2 * side + i] = s.outer[i]
        f.outer[2 * (1 - side) + i] = s.outer[2 + i]


@compiled
def _sender(s: Record) -> int:
    """0 where the first packet's sender is the originator, 1 where it is the responder."""
    if s.transport == TCP and s.flags & SYN:
        return 1 if s.flags & ACK else 0
    if s.transport == ICMP:
        kind = s.source_port
        return 1 if kind == 0 or kind == 14 or kind == 16 or kind == 18 else 0
    if s.transport == ICMP6:
        return 1 if s.source_port == 129 or s.source_port == 136 else 0
    if s.transport == TCP or s.transport == SCTP or s.transport == 17:
        return 1 if _is_service(s.source_port) and not _is_service(s.destination_port) else 0
    return 0


@compiled
def _is_service(port: int) -> bool:
    """Ports that clients do not use of their own accord."""
    if port < 1024:
        return port != 0 and port != 500 and port != 123
    return (
        port == 1433
        or port == 1521
        or port == 3306
        or port == 3389
        or port == 5432
        or port == 5900
        or port == 5985
        or port == 6379
        or port == 8000
        or port == 8080
        or port == 8443
        or port == 9200
        or port == 27017
    )


@compiled
def list_of(f: Record) -> int:
    """The list a flow belongs to by what was seen of it."""
    if f.transport != TCP:
        return DATAGRAM
    if is_over(f):
        return CLOSED
    return OPEN if f.packets[0] and f.packets[1] else ATTEMPT


@compiled
def end_flow(t: Tables, s: Record, index: int) -> None:
    """Write what waits in the flow and the flow itself, and forget it."""
    f = t.flows[index]
    now = s.time
    s.time = f.last  # of the events that come out of this
    for side in range(2):
        if f.block[side] or f.held[side]:
            end_stream(t, s, index, side)
    if f.queries:
        end_queries(t, s, index)
    if f.tls_seen and f.first_note:
        end_tls(t, s, index)
    elif f.first_note or f.waiting_note or f.body[0] or f.body[1]:
        end_http(t, s, index)
    if f.shares or f.asks or f.opened:
        end_smb(t, s, index)
    write_flow(t, s, index, FLOW)
    remove(t, s, index)
    s.time = now


@compiled
def expire(t: Tables, s: Record) -> None:
    """End flows that were silent for too long, until the output is full."""
    if abs(s.clock - s.expired_at) < _EXPIRY_STEP:
        return
    for number in range(4):
        while s.head[number] and is_idle(s, t.flows[s.head[number] - 1]):
            if s.out > OUT_READY or s.handover > HANDOVER_READY:
                return
            end_flow(t, s, s.head[number] - 1)
    s.expired_at = s.clock


@compiled
def report_open(t: Tables, s: Record, index: int) -> None:
    """Write a flow that stays open, with what it had so far."""
    t.flows[index].reported = s.time
    write_flow(t, s, index, FLOW_OPEN)


@compiled
def write_flow(t: Tables, s: Record, index: int, dataset: int) -> None:
    """The flow's own event; of a flow that has a session, the session writes the end of it."""
    mem = t.arena
    f = t.flows[index]
    pos = begin_event(t, f, dataset, f.start if dataset == FLOW else s.time, 0, 0)
    if pos < 0:
        if f.handed and dataset == FLOW:
            hand_over(t, s, index, END, 0, 0, 0, 0)
        return
    pos = put_time(mem, put(mem, pos, t9n.FLOW_START), f.start)
    pos = put_time(mem, put(mem, pos, t9n.FLOW_END), f.last)
    pos = put_member(mem, pos, t9n.FLOW_DURATION, max(0, f.last - f.start))
    pos = put_member(mem, pos, t9n.SOURCE_BYTES, f.bytes[0])
    pos = put_member(mem, pos, t9n.SOURCE_PACKETS, f.packets[0])
    pos = put_member(mem, pos, t9n.DESTINATION_BYTES, f.bytes[1])
    pos = put_member(mem, pos, t9n.DESTINATION_PACKETS, f.packets[1])
    pos = put_member(mem, pos, t9n.NETWORK_BYTES, f.bytes[0] + f.bytes[1])
    pos = put_member(mem, pos, t9n.NETWORK_PACKETS, f.packets[0] + f.packets[1])
    pos = put_member(mem, pos, t9n.CLIENT_BYTES, grown(f, 0))
    pos = put_member(mem, pos, t9n.SERVER_BYTES, grown(f, 1))
    pos = put_protocol(t, pos, i64(f.protocol))
    pos = put(mem, pos, t9n.CONN_STATE)
    pos = put(mem, put(mem, pos, t9n.STATE_TEXT[connection_state(f)]), t9n.QUOTE)
    if f.history_size:
        pos = put(mem, pos, t9n.HISTORY)
        for i in range(f.history_size):
            mem[pos + i] = f.history[i]
        pos = put(mem, pos + f.history_size, t9n.QUOTE)
    if f.missed:
        pos = put_member(mem, pos, t9n.MISSED, f.missed)
    pos = _put_link(t, f, pos)
    if f.transport == ICMP or f.transport == ICMP6:
        pos = put_member(mem, pos, t9n.ICMP_TYPE, i64(f.port[0]))
        if f.one_way:
            pos = put_member(mem, pos, t9n.ICMP_CODE, i64(f.port[1]))
    if f.packets[0] == 0 or f.packets[1] == 0:
        pos = put(mem, pos, t9n.ONE_SIDED)
    home = i64(t.homes[f.port[1]]) if f.transport == TCP or f.transport == UDP else 0
    group = t.groups[f.protocol]
    if home and f.protocol and home != f.protocol and (group == 0 or group != t.groups[home]):
        pos = put_name_of(t, put(mem, pos, t9n.PORT_PROTOCOL), home)
    if f.handed and dataset == FLOW:
        if hand_over(t, s, index, END, 0, s.out, pos, 0):
            t.events[FLOW] += 1
            return
    end_event(t, pos, dataset)


@compiled
def _put_link(t: Tables, f: Record, pos: int) -> int:
    """VLAN tags and hardware addresses."""
    mem = t.arena
    if f.vlan >= 0:
        pos = put(mem, put_number(mem, put(mem, pos, t9n.VLAN), i64(f.vlan)), t9n.QUOTE)
    if f.inner_vlan >= 0:
        pos = put(mem, put_number(mem, put(mem, pos, t9n.INNER_VLAN), i64(f.inner_vlan)), t9n.QUOTE)
    if f.mac[0] >= 0:
        pos = put(mem, put_mac(mem, put(mem, pos, t9n.SOURCE_MAC), f.mac[0]), t9n.QUOTE)
    if f.mac[1] >= 0:
        pos = put(mem, put_mac(mem, put(mem, pos, t9n.DESTINATION_MAC), f.mac[1]), t9n.QUOTE)
    return pos
