"""What is inside a tunnel: the packet part of the state then tells the inner packet.

GRE (RFC 2784, 2890, 2637), ERSPAN I–III, IP in IP (RFC 2003), 6in4 (RFC 4213), VXLAN (RFC 7348),
and VXLAN-GPE, GENEVE (RFC 8926), GTP-U (3GPP TS 29.281), Teredo (RFC 4380), L2TPv2 (RFC 2661),
AYIYA (draft-massar-v6ops-ayiya), EtherIP (RFC 3378), MPLS in IP and UDP (RFC 4023, 7510).
The addresses of the outermost tunnel stay in the state; a tunnel over UDP is a flow of its own as
well, as Zeek and Suricata have it.
"""

from __future__ import annotations

from typing import Final

from sensors.packet.containers import read16, read32
from sensors.packet.decode import SERVICE_CHAIN, UDP, network
from sensors.packet.jit import compiled, i64
from sensors.packet.layout import Bytes, Record
from sensors.packet.links import BRIDGE, DONE, MPLS, ethernet, ppp
from sensors.packet.wireless import frame

MAX_DEPTH: Final = 4
# Names stand in `sensors.packet.texts.TUNNELS`, in this order.
GRE, ERSPAN, IPIP, SIX_IN_FOUR, VXLAN, GENEVE, GTP, TEREDO, L2TP, AYIYA, ETHERIP, MPLS_IN_IP = (
    range(1, 13)
)
_NOT_ONE: Final = -3


@compiled
def is_candidate(s: Record) -> bool:
    """Whether the packet may carry another one, by its protocol or port."""
    transport = s.transport
    if transport == UDP:
        port = s.destination_port
        if port == 4789 or port == 8472 or port == 6081 or port == 2152 or port == 3544:
            return True
        if port == 4790 or port == 1701 or port == 5072 or port == 6635:
            return True
        port = s.source_port
        return bool(port == 3544 or port == 2152 or port == 1701 or port == 5072)
    if transport == 97 or transport == 137:
        return True
    return bool(transport == 4 or transport == 41 or transport == 47)


@compiled
def unwrap(mem: Bytes, s: Record) -> bool:
    """Step into the tunnel; False, with the state as it was, where there is no IP inside."""
    if s.depth >= MAX_DEPTH:
        return False
    end = s.payload_end
    s.tunnel_key = -1
    transport = s.transport
    _save(s)
    if transport == UDP:
        ethertype = _datagram(mem, s, s.payload, end)
    elif transport == 4:
        s.inside = IPIP
        ethertype = 0x0800
    elif transport == 41:
        s.inside = SIX_IN_FOUR if s.family == 4 else IPIP
        ethertype = 0x86DD
    elif transport == 97:  # a version and reserved bits before the frame
        s.inside = ETHERIP
        ethertype = _inside(mem, s, s.payload + 2, end, BRIDGE)
    elif transport == 137:
        s.inside = MPLS_IN_IP
        ethertype = MPLS
    else:
        ethertype = _gre(mem, s, s.payload, end)
    if ethertype != _NOT_ONE and ethertype != DONE and s.payload < end:
        family = s.family
        s.family = 0
        s.fragment = 0
        s.one_way = 0
        network(mem, s, s.payload, end, ethertype)
        if s.family:
            _note(s, family)
            return True
    _restore(s)
    return False


@compiled
def _note(s: Record, family: int) -> None:
    """Keep the outermost tunnel's addresses."""
    s.depth += 1
    if s.tunnel:
        return
    s.tunnel = s.inside
    s.tunnel_id = s.tunnel_key
    s.outer_family = family
    for i in range(4):
        s.outer[i] = s.saved[i]


@compiled
def _save(s: Record) -> None:
    v = s.saved
    v[0] = s.source_high
    v[1] = s.source_low
    v[2] = s.destination_high
    v[3] = s.destination_low
    v[4] = s.source_port
    v[5] = s.destination_port
    v[6] = s.ip_bytes
    v[7] = s.payload
    v[8] = s.payload_end
    v[9] = s.payload_size
    v[10] = s.wire_end
    v[11] = s.transport
    v[12] = s.family
    v[13] = s.source_mac
    v[14] = s.destination_mac
    v[15] = s.vlan
    v[16] = s.inner_vlan
    v[17] = s.one_way


@compiled
def _restore(s: Record) -> None:
    v = s.saved
    s.source_high = v[0]
    s.source_low = v[1]
    s.destination_high = v[2]
    s.destination_low = v[3]
    s.source_port = v[4]
    s.destination_port = v[5]
    s.ip_bytes = v[6]
    s.payload = v[7]
    s.payload_end = v[8]
    s.payload_size = v[9]
    s.wire_end = v[10]
    s.transport = v[11]
    s.family = v[12]
    s.source_mac = v[13]
    s.destination_mac = v[14]
    s.vlan = v[15]
    s.inner_vlan = v[16]
    s.one_way = v[17]
    s.fragment = 0


@compiled
def _inside(mem: Bytes, s: Record, at: int, end: int, ethertype: int) -> int:
    """EtherType of what a tunnel's header announces; an Ethernet frame's own."""
    s.payload = at
    if ethertype == BRIDGE:
        return ethernet(mem, s, at, end)
    if ethertype == 0x0800 or ethertype == 0x86DD or ethertype == 0x8847 or ethertype == 0x8848:
        return ethertype
    return SERVICE_CHAIN if ethertype == SERVICE_CHAIN else _NOT_ONE


@compiled
def _gre(mem: Bytes, s: Record, at: int, end: int) -> int:
    if end - at < 4:
        return _NOT_ONE
    flags = read16(mem, at, 1)
    ethertype = read16(mem, at + 2, 1)
    version = flags & 7
    if flags & 0x4000 or version > 1:  # source routing: never seen, and never meant well
        return _NOT_ONE
    s.inside = GRE
    at += 4
    if version == 0 and flags & 0x8000:
        at += 4
    if flags & 0x2000:
        if end - at < 4:
            return _NOT_ONE
        s.tunnel_key = read32(mem, at, 1) if version == 0 else read16(mem, at + 2, 1)
        at += 4
    if flags & 0x1000:
        at += 4
    if version == 1:
        if flags & 0x80:
            at += 4
        if ethertype != 0x880B or at >= end:
            return _NOT_ONE
        if end - at >= 2 and mem[at] == 0xFF and mem[at + 1] == 3:
            at += 2
        return ppp(mem, s, at, end)
    if ethertype == 0x88BE:  # ERSPAN: type I has no header, type II one of eight bytes
        s.inside = ERSPAN
        if flags & 0x1000:
            if end - at < 8:
                return _NOT_ONE
            s.tunnel_key = read16(mem, at + 2, 1) & 0x3FF
            at += 8
        return _inside(mem, s, at, end, BRIDGE)
    if ethertype == 0x22EB:
        if end - at < 12:
            return _NOT_ONE
        s.inside = ERSPAN
        s.tunnel_key = read16(mem, at + 2, 1) & 0x3FF
        at += 20 if mem[at + 11] & 1 else 12
        return _inside(mem, s, at, end, BRIDGE)
    if ethertype == 0x883E:  # WCCP: its second version has a header of four bytes
        at += 4 if at < end and mem[at] >> 4 != 4 else 0
        return _inside(mem, s, at, end, 0x0800)
    if (ethertype >= 0x8200 and ethertype <= 0x8210) or ethertype == 0x9000:  # Aruba's: 802.11
        return frame(mem, s, at, end, False)
    return _inside(mem, s, at, end, ethertype)


@compiled
def _datagram(mem: Bytes, s: Record, at: int, end: int) -> int:
    port = s.destination_port
    size = end - at
    if (port == 4789 or port == 8472) and size >= 22:
        if mem[at] & 0x08 == 0 or mem[at + 7] != 0:
            return _NOT_ONE
        s.inside = VXLAN
        s.tunnel_key = read32(mem, at + 4, 1) >> 8
        return _inside(mem, s, at + 8, end, BRIDGE)
    if port == 6081 and size >= 16:
        if mem[at] >> 6 != 0:
            return _NOT_ONE
        s.inside = GENEVE
        s.tunnel_key = read32(mem, at + 4, 1) >> 8
        options = (i64(mem[at]) & 63) * 4
        return _inside(mem, s, at + 8 + options, end, read16(mem, at + 2, 1))
    if port == 2152 or s.source_port == 2152:
        return _gtp(mem, s, at, end)
    if port == 3544 or s.source_port == 3544:
        return _teredo(mem, s, at, end)
    if port == 4790 and size >= 28:
        return _generic(mem, s, at, end)
    if port == 1701 or s.source_port == 1701:
        return _l2tp(mem, s, at, end)
    if port == 6635 and size >= 24:
        s.inside = MPLS_IN_IP
        return MPLS
    return _ayiya(mem, s, at, end)


@compiled
def _generic(mem: Bytes, s: Record, at: int, end: int) -> int:
    """VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe): it tells what follows."""
    following = i64(mem[at + 3])
    if mem[at] & 0x0C != 0x0C or mem[at + 7] != 0:
        return _NOT_ONE
    s.inside = VXLAN
    s.tunnel_key = read32(mem, at + 4, 1) >> 8
    s.payload = at + 8
    if following == 1:
        return 0x0800
    if following == 2:
        return 0x86DD
    if following == 4:
        return SERVICE_CHAIN
    return _inside(mem, s, at + 8, end, BRIDGE) if following == 3 else _NOT_ONE


@compiled
def _l2tp(mem: Bytes, s: Record, at: int, end: int) -> int:
    """PPP of a data message."""
    if end - at < 28:
        return _NOT_ONE
    flags = read16(mem, at, 1)
    if flags & 0x800F != 2:  # a control message, or another version
        return _NOT_ONE
    at += 4 if flags & 0x4000 else 2
    s.inside = L2TP
    s.tunnel_key = read32(mem, at, 1)  # tunnel and session
    at += 4
    if flags & 0x0800:
        at += 4
    if flags & 0x0200:
        at += 2 + read16(mem, at, 1)
    if end - at < 22:
        return _NOT_ONE
    return ppp(mem, s, at + 2 if mem[at] == 0xFF and mem[at + 1] == 3 else at, end)


@compiled
def _ayiya(mem: Bytes, s: Record, at: int, end: int) -> int:
    if end - at < 28:
        return _NOT_ONE
    following = i64(mem[at + 3])
    at += 8 + (1 << (i64(mem[at]) >> 4)) + (i64(mem[at + 1]) >> 4) * 4
    if end - at < 20 or (following != 4 and following != 41):
        return _NOT_ONE
    s.inside = AYIYA
    s.payload = at
    return 0x0800 if following == 4 else 0x86DD


@compiled
def _gtp(mem: Bytes, s: Record, at: int, end: int) -> int:
    if end - at < 28:
        return _NOT_ONE
    flags = i64(mem[at])
    if flags >> 5 != 1 or flags & 0x10 == 0 or mem[at + 1] != 0xFF:
        return _NOT_ONE
    s.inside = GTP
    s.tunnel_key = read32(mem, at + 4, 1)
    following = 0
    at += 8
    if flags & 7:
        following = i64(mem[at + 3]) if flags & 4 else 0
        at += 4
    for _ in range(8):
        if following == 0 or end - at < 4:
            break
        width = i64(mem[at]) * 4
        if width == 0 or at + width >= end:
            return _NOT_ONE
        following = i64(mem[at + width - 1])
        at += width
    if end - at < 20:
        return _NOT_ONE
    version = mem[at] >> 4
    s.payload = at
    return 0x0800 if version == 4 else 0x86DD if version == 6 else _NOT_ONE


@compiled
def _teredo(mem: Bytes, s: Record, at: int, end: int) -> int:
    """IPv6 behind the authentication and origin headers, if they are there."""
    s.inside = TEREDO
    if end - at >= 13 and read16(mem, at, 1) == 1:
        at += 13 + i64(mem[at + 2]) + i64(mem[at + 3])
    if end - at >= 8 and read16(mem, at, 1) == 0:
        at += 8
    if end - at < 40 or mem[at] >> 4 != 6 or read16(mem, at + 4, 1) + 40 > end - at:
        return _NOT_ONE
    s.payload = at
    return 0x86DD
