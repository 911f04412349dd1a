"""From a link-layer frame to addresses, ports and payload. Nothing here keeps state.

Each packet gets exactly one kind (`sensors.packet.kinds`), that of its outermost network layer;
those with an IP header that could be read also fill the packet part of the state. What is inside a
tunnel is for `sensors.packet.tunnels`, fragments are for `sensors.packet.fragments`.
"""

from __future__ import annotations

from typing import Final

from sensors.packet import kinds as k
from sensors.packet.containers import read16, read32
from sensors.packet.jit import compiled, i64
from sensors.packet.layout import Bytes, Record
from sensors.packet.links import (
    DONE,
    MPLS,
    MPLS_MULTICAST,
    PPPOE,
    RAW,
    ethernet,
    link_layer,
    pppoe,
)
from sensors.packet.wireless import part

ICMP: Final = 1
TCP: Final = 6
UDP: Final = 17
ICMP6: Final = 58
SCTP: Final = 132
PROVIDER_BRIDGE: Final = 0x88E7  # 802.1ah: an instance tag, then Ethernet
FABRIC_PATH: Final = 0x8903  # Cisco's: forwarding tag and hops, then Ethernet
SERVICE_CHAIN: Final = 0x894F


@compiled
def decode(mem: Bytes, s: Record) -> int:
    """The packet's kind; `s.family` is 4 or 6 where it can be part of a flow, else 0."""
    s.family = 0
    s.fragment = 0
    s.depth = 0
    s.tunnel = 0
    s.vlan = -1
    s.inner_vlan = -1
    if s.ring_vlan >= 0:
        s.vlan = s.ring_vlan
    s.source_mac = -1
    s.destination_mac = -1
    s.one_way = 0
    s.bundle = 0
    end = s.packet + s.captured
    s.wire_end = s.packet + s.length
    s.payload = s.packet
    if s.captured == 0:
        return k.EMPTY
    ethertype = link_layer(mem, s, end)
    if ethertype == DONE:
        return i64(s.kind)
    return network(mem, s, s.payload, end, ethertype)


@compiled
def decode_next(mem: Bytes, s: Record) -> None:
    """Go on to the next part of an aggregate of 802.11; the record was counted with the first."""
    s.family = 0
    s.fragment = 0
    s.depth = 0
    s.tunnel = 0
    s.one_way = 0
    end = s.packet + s.captured
    s.wire_end = s.packet + s.length
    ethertype = part(mem, s, end)
    if ethertype != DONE:
        network(mem, s, s.payload, end, ethertype)


@compiled
def _labels(mem: Bytes, s: Record, at: int, end: int) -> int:
    """EtherType below a stack of MPLS labels: told by the first nibble, as routers do."""
    s.kind = k.ETHERTYPE + MPLS
    for _ in range(16):
        if end - at < 5:
            return DONE
        bottom = mem[at + 2] & 1
        at += 4
        if bottom:
            break
    version = mem[at] >> 4
    s.payload = at
    if version == 4:
        return 0x0800
    if version == 6:
        return 0x86DD
    if version == 0 and end - at >= 18:  # a pseudowire's control word, then Ethernet
        return ethernet(mem, s, at + 4, end)
    return ethernet(mem, s, at, end) if end - at >= 14 else DONE


@compiled
def _service_chain(mem: Bytes, s: Record, at: int, end: int) -> int:
    """EtherType behind a network service header (RFC 8300)."""
    s.kind = k.ETHERTYPE + SERVICE_CHAIN
    if end - at < 8:
        return DONE
    following = i64(mem[at + 3])
    at += (read16(mem, at, 1) & 63) * 4
    s.payload = at
    if following == 3:
        return ethernet(mem, s, at, end)
    return (
        0x0800 if following == 1 else 0x86DD if following == 2 else MPLS if following == 5 else DONE
    )


@compiled
def network(mem: Bytes, s: Record, at: int, end: int, ethertype: int) -> int:
    """Kind of what lies at `at`; labels, PPPoE, 802.1ah, FabricPath and NSH are stepped over."""
    for _ in range(4):
        if ethertype == MPLS or ethertype == MPLS_MULTICAST:
            ethertype = _labels(mem, s, at, end)
        elif ethertype == PPPOE:
            ethertype = pppoe(mem, s, at, end)
        elif ethertype == PROVIDER_BRIDGE and end - at >= 18:
            ethertype = ethernet(mem, s, at + 4, end)
        elif ethertype == FABRIC_PATH and end - at >= 16:
            ethertype = ethernet(mem, s, at + 2, end)
        elif ethertype == SERVICE_CHAIN:
            ethertype = _service_chain(mem, s, at, end)
        else:
            break
        if ethertype == DONE:
            return i64(s.kind)
        at = s.payload
    if ethertype == RAW:
        version = mem[at] >> 4
        ethertype = 0x0800 if version == 4 else 0x86DD if version == 6 else 0
        if ethertype == 0:
            return k.UNKNOWN_FAMILY
    if ethertype == 0x0800:
        return _ipv4(mem, s, at, end)
    if ethertype == 0x86DD:
        return _ipv6(mem, s, at, end)
    return k.ETHERTYPE + ethertype


@compiled
def _ipv4(mem: Bytes, s: Record, at: int, end: int) -> int:
    if end - at < 20 or mem[at] >> 4 != 4:
        return k.BAD_IPV4
    header = (i64(mem[at]) & 15) * 4
    total = read16(mem, at + 2, 1)
    if total == 0:  # segmentation offload: the length did not fit
        total = s.wire_end - at
    if header < 20 or total < header or end - at < header:
        return k.BAD_IPV4
    fragment = read16(mem, at + 6, 1)
    transport = i64(mem[at + 9])
    s.source_high = 0
    s.source_low = read32(mem, at + 12, 1)
    s.destination_high = 0
    s.destination_low = read32(mem, at + 16, 1)
    s.ip_bytes = total
    s.wire_end = min(s.wire_end, at + total)
    s.payload = at + header
    s.payload_end = min(end, at + total)
    s.transport = transport
    s.family = 4
    if fragment & 0x3FFF:
        s.fragment = 1
        s.fragment_id = read16(mem, at + 4, 1)
        s.fragment_at = (fragment & 0x1FFF) * 8
        s.fragment_more = (fragment >> 13) & 1
        return k.FRAGMENT4 + transport
    if transport == 51 and s.payload_end - s.payload >= 12:  # stepped over, as in IPv6
        transport = i64(mem[s.payload])
        s.payload += (i64(mem[s.payload + 1]) + 2) * 4
        s.transport = transport
        if s.payload > s.payload_end:
            return k.BAD_IPV4
    return transport_of(mem, s, k.IPV4 + transport)


@compiled
def _ipv6(mem: Bytes, s: Record, at: int, end: int) -> int:
    if end - at < 40 or mem[at] >> 4 != 6:
        return k.BAD_IPV6
    size = read16(mem, at + 4, 1)
    total = size + 40 if size else s.wire_end - at
    s.source_high = read32(mem, at + 8, 1) << 32 | read32(mem, at + 12, 1)
    s.source_low = read32(mem, at + 16, 1) << 32 | read32(mem, at + 20, 1)
    s.destination_high = read32(mem, at + 24, 1) << 32 | read32(mem, at + 28, 1)
    s.destination_low = read32(mem, at + 32, 1) << 32 | read32(mem, at + 36, 1)
    s.ip_bytes = total
    s.wire_end = min(s.wire_end, at + total)
    s.payload_end = min(end, at + total)
    s.payload = at + 40
    return extensions(mem, s, i64(mem[at + 6]))


@compiled
def extensions(mem: Bytes, s: Record, header: int) -> int:
    """Kind of an IPv6 packet behind its extension headers, which begin at `s.payload` (RFC 8200)."""
    at = s.payload
    stop = s.payload_end
    for _ in range(12):
        extension = header == 0 or header == 43 or header == 60 or header == 135
        if not extension and header != 44 and header != 51 and header != 139 and header != 140:
            break
        if stop - at < 8:
            return k.BAD_IPV6
        following = i64(mem[at])
        if header == 44:
            place = read16(mem, at + 2, 1)
            if place & 0xFFF9:
                s.family = 6
                s.fragment = 1
                s.transport = following
                s.fragment_id = read32(mem, at + 4, 1)
                s.fragment_at = place & 0xFFF8
                s.fragment_more = place & 1
                s.payload = at + 8
                return k.FRAGMENT6 + following
            at += 8  # an atomic fragment is whole (RFC 6946)
        elif header == 51:
            at += (i64(mem[at + 1]) + 2) * 4
        else:
            at += (i64(mem[at + 1]) + 1) * 8
        header = following
    if at > stop:
        return k.BAD_IPV6
    s.payload = at
    s.transport = header
    s.family = 6
    return transport_of(mem, s, k.IPV6 + header)


@compiled
def transport_of(mem: Bytes, s: Record, kind: int) -> int:
    """Ports and payload of what lies at `s.payload`; `kind` when all is well."""
    at = s.payload
    room = s.payload_end - at
    transport = s.transport
    s.source_port = 0
    s.destination_port = 0
    s.flags = 0
    header = 0
    if transport == TCP:
        if room >= 14:
            header = (i64(mem[at + 12]) >> 4) * 4
        if header < 20 or room < 14 or s.wire_end - at < header:
            s.family = 0
            return k.BAD_TCP
        s.sequence = read32(mem, at + 4, 1)
        s.acknowledged = read32(mem, at + 8, 1)
        s.flags = i64(mem[at + 13])
        s.window = read16(mem, at + 14, 1) if room >= 16 else 1
        header = min(header, s.wire_end - at)
    elif transport == UDP or transport == 136:
        if room < 8:
            s.family = 0
            return k.BAD_UDP
        header = 8
        size = read16(mem, at + 4, 1)
        if transport == UDP and size >= 8:
            s.wire_end = min(s.wire_end, at + size)
            s.payload_end = min(s.payload_end, at + size)
    elif transport == SCTP or transport == 33:
        if room < 12:
            s.family = 0
            return k.BAD_SCTP
        header = 12
    elif transport == ICMP or transport == ICMP6:
        if room < 4:
            s.family = 0
            return k.BAD_ICMP
        _icmp(mem, s, at)
        s.payload = min(at + 8, s.payload_end)
        s.payload_size = max(0, s.wire_end - at - 8)
        return kind
    if header:
        s.source_port = read16(mem, at, 1)
        s.destination_port = read16(mem, at + 2, 1)
    s.payload = min(at + header, s.payload_end)
    s.payload_size = max(0, s.wire_end - at - header)
    return kind


@compiled
def _icmp(mem: Bytes, s: Record, at: int) -> None:
    """Type and its counterpart, or type and code, stand for the ports (Zeek, Community ID)."""
    kind = i64(mem[at])
    other = -1
    if s.transport == ICMP:
        if kind == 0 or kind == 8:
            other = 8 - kind
        elif kind == 9 or kind == 10:
            other = 19 - kind
        elif kind >= 13 and kind <= 18:
            other = kind + 1 if kind & 1 else kind - 1
    elif kind == 128 or kind == 129 or kind == 133 or kind == 134 or kind == 135 or kind == 136:
        other = kind ^ 1 if kind < 130 else 267 - kind if kind < 135 else 271 - kind
    elif kind == 130 or kind == 131:
        other = 261 - kind
    elif kind == 144 or kind == 145:
        other = kind ^ 1
    elif kind == 139 or kind == 140:
        other = 279 - kind
    s.flags = i64(mem[at + 1])
    s.source_port = kind
    s.destination_port = other if other >= 0 else i64(mem[at + 1])
    s.one_way = 1 if other < 0 else 0
