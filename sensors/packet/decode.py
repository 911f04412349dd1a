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
from sensors.packet.wireless import wireless

ICMP: Final = 1
TCP: Final = 6
UDP: Final = 17
ICMP6: Final = 58
SCTP: Final = 132

DONE: Final = -1  # the link layer has already decided the kind
RAW: Final = -2  # the version nibble tells
MPLS: Final = 0x8847
MPLS_MULTICAST: Final = 0x8848
PPPOE: Final = 0x8864
BRIDGE: Final = 0x6558  # an Ethernet frame


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
    end = s.packet + s.captured
    s.wire_end = s.packet + s.length
    s.payload = s.packet
    if s.captured == 0:
        return k.EMPTY
    ethertype = _link(mem, s, end)
    if ethertype == DONE:
        return i64(s.kind)
    return network(mem, s, s.payload, end, ethertype)


@compiled
def _link(mem: Bytes, s: Record, end: int) -> int:
    """The EtherType; `s.payload` is where the network layer begins."""
    at = s.packet
    size = end - at
    link = s.link
    if link == 1:
        return ethernet(mem, s, at, end)
    if link == 113 or link == 276:
        return _cooked(mem, s, end)
    if link == 101 or link == 12 or link == 14:
        return RAW
    if link == 228:
        return 0x0800
    if link == 229:
        return 0x86DD
    if link == 0 or link == 108:
        if size < 4:
            s.kind = k.BAD_LINK
            return DONE
        s.payload = at + 4
        little = read32(mem, at, 0)
        return _of_family(s, read32(mem, at, 1) if little > 0xFFFF else little)
    if link == 9 or link == 50:
        if size >= 4 and mem[at] == 0xFF and mem[at + 1] == 3:
            at += 2
        return ppp(mem, s, at, end)
    if link == 51:
        return pppoe(mem, s, at, end)
    if link == 104:  # Cisco HDLC: address, control, EtherType
        if size < 4:
            s.kind = k.BAD_LINK
            return DONE
        s.payload = at + 4
        return _tagged(mem, s, read16(mem, at + 2, 1), end)
    if link == 105 or link == 119 or link == 127 or link == 192 or link == 163:
        return wireless(mem, s, end)
    return _rare_link(mem, s, end)


@compiled
def _rare_link(mem: Bytes, s: Record, end: int) -> int:
    """FDDI, pflog, encapsulated IPsec, IP over Fibre Channel, NFLOG."""
    at = s.packet
    size = end - at
    link = s.link
    if link == 10 and size >= 21:
        return _logical_link(mem, s, at + 13, end)
    if link == 11 and size >= 8:
        return _logical_link(mem, s, at, end)
    if link == 122 and size >= 24:
        return _logical_link(mem, s, at + 16, end)
    if link == 109 and size >= 12:
        s.payload = at + 12
        little = read32(mem, at, 0)
        return _of_family(s, read32(mem, at, 1) if little > 0xFFFF else little)
    if link == 117 and size >= 4:
        head = (i64(mem[at]) + 3) & ~3
        if size > head:
            s.payload = at + head
            return _of_family(s, i64(mem[at + 1]))
    if link == 239 and size >= 8:
        family = i64(mem[at])
        at += 4
        while end - at >= 4:
            width = read16(mem, at, 0)
            if read16(mem, at + 2, 0) == 9:
                s.payload = at + 4
                return _of_family(s, family)
            if width < 4:
                break
            at += (width + 3) & ~3
    if link == 10 or link == 11 or link == 122 or link == 109 or link == 117 or link == 239:
        s.kind = k.BAD_LINK
    else:
        s.kind = k.BAD_INTERFACE if link < 0 else k.LINK + min(link, 1023)
    return DONE


@compiled
def _of_family(s: Record, family: int) -> int:
    """EtherType of a BSD, Linux or macOS address family."""
    if family == 2:
        return 0x0800
    if family == 10 or family == 24 or family == 28 or family == 30:
        return 0x86DD
    s.kind = k.UNKNOWN_FAMILY
    return DONE


@compiled
def _cooked(mem: Bytes, s: Record, end: int) -> int:
    """Linux cooked capture, both versions."""
    at = s.packet
    first = s.link == 113
    head = 16 if first else 20
    if end - at < head:
        s.kind = k.BAD_LINK
        return DONE
    if first:
        if read16(mem, at + 4, 1) == 6:
            s.source_mac = _mac(mem, at + 6)
        return _ethertype(mem, s, at + 14, end)
    if mem[at + 11] == 6:
        s.source_mac = _mac(mem, at + 12)
    s.payload = at + head
    return _tagged(mem, s, read16(mem, at, 1), end)


@compiled
def _mac(mem: Bytes, at: int) -> int:
    return read16(mem, at, 1) << 32 | read32(mem, at + 2, 1)


@compiled
def ethernet(mem: Bytes, s: Record, at: int, end: int) -> int:
    """EtherType of the frame at `at`."""
    if end - at < 14:
        s.kind = k.BAD_ETHERNET
        return DONE
    s.destination_mac = _mac(mem, at)
    s.source_mac = _mac(mem, at + 6)
    return _ethertype(mem, s, at + 12, end)


@compiled
def _ethertype(mem: Bytes, s: Record, at: int, end: int) -> int:
    """EtherType at `at`, 802.3 length included."""
    ethertype = read16(mem, at, 1)
    s.payload = at + 2
    if ethertype > 1535:
        return _tagged(mem, s, ethertype, end)
    return _logical_link(mem, s, at + 2, end)


@compiled
def _logical_link(mem: Bytes, s: Record, at: int, end: int) -> int:
    """802.2, with SNAP the EtherType."""
    s.kind = k.LLC
    if end - at < 3:
        return DONE
    access = mem[at]
    if access == 0x42:
        s.kind = k.STP
    elif access == 0xE0 or access == 0xFF:
        s.kind = k.IPX
    elif access == 0xFE:
        s.kind = k.ISIS
    elif access == 0xAA and end - at >= 8:
        s.payload = at + 8
        ethertype = read16(mem, at + 6, 1)
        if ethertype > 1535:
            return _tagged(mem, s, ethertype, end)
    return DONE


@compiled
def _tagged(mem: Bytes, s: Record, ethertype: int, end: int) -> int:
    """Behind 802.1Q and 802.1ad tags, and a VN-Tag before them."""
    if ethertype == 0x8926 and end - s.payload >= 6:
        ethertype = read16(mem, s.payload + 4, 1)
        s.payload += 6
    for _ in range(4):
        if (
            ethertype != 0x8100
            and ethertype != 0x88A8
            and ethertype != 0x9100
            and ethertype != 0x9200
        ):
            return ethertype
        at = s.payload
        if end - at < 4:
            s.kind = k.BAD_VLAN
            return DONE
        tag = read16(mem, at, 1) & 0xFFF
        if s.vlan < 0:
            s.vlan = tag
        elif s.inner_vlan < 0:
            s.inner_vlan = tag
        ethertype = read16(mem, at + 2, 1)
        s.payload = at + 4
        if ethertype <= 1535:
            s.kind = k.STP if end - at > 4 and mem[at + 4] == 0x42 else k.LLC
            return DONE
    return ethertype


@compiled
def ppp(mem: Bytes, s: Record, at: int, end: int) -> int:
    """EtherType of a PPP frame's protocol field, one or two bytes long (RFC 1661)."""
    if end - at < 2:
        s.kind = k.BAD_LINK
        return DONE
    number = i64(mem[at])
    at += 1
    if not number & 1:
        number = number << 8 | i64(mem[at])
        at += 1
    s.payload = at
    if number == 0x21:
        return 0x0800
    if number == 0x57:
        return 0x86DD
    if number == 0x281:
        return MPLS
    s.kind = k.PPP
    return DONE


@compiled
def pppoe(mem: Bytes, s: Record, at: int, end: int) -> int:
    """EtherType inside a PPPoE session (RFC 2516); discovery is its own kind."""
    if end - at < 8 or mem[at] != 0x11 or mem[at + 1] != 0:
        s.kind = k.ETHERTYPE + PPPOE
        return DONE
    return ppp(mem, s, at + 6, end)


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
def network(mem: Bytes, s: Record, at: int, end: int, ethertype: int) -> int:
    """Kind of what lies at `at`; labels and PPPoE are stepped over."""
    for _ in range(4):
        if ethertype == MPLS or ethertype == MPLS_MULTICAST:
            ethertype = _labels(mem, s, at, end)
        elif ethertype == PPPOE:
            ethertype = pppoe(mem, s, at, end)
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
