"""From a link-layer frame to its EtherType and where the network layer begins.

Ethernet with 802.1Q, 802.1ad, 802.1BR, VN-Tag, HSR and clear MACsec tags, 802.2, Linux cooked
capture, BSD loopback, PPP, PPPoE, Cisco HDLC, Frame Relay (RFC 2427), ATM (RFC 2684), Token Ring,
FDDI and others by their numbers at tcpdump.org/linktypes.html; 802.11 is in `sensors.packet.wireless`.
"""

from __future__ import annotations

from typing import Final

from sensors.packet import kinds as k
from sensors.packet.containers import read16, read32
from sensors.packet.jit import compiled, i64
from sensors.packet.layout import Bytes, Record
from sensors.packet.wireless import wireless

DONE: Final = -1  # the link layer has already decided the kind
RAW: Final = -2  # the version nibble tells
MPLS: Final = 0x8847
MPLS_MULTICAST: Final = 0x8848
PPPOE: Final = 0x8864
BRIDGE: Final = 0x6558  # an Ethernet frame


@compiled
def link_layer(mem: Bytes, s: Record, end: int) -> int:
    """The EtherType; `s.payload` is where the network layer begins."""
    at = s.packet
    size = end - at
    link = s.link
    if link == 1:
        return ethernet(mem, s, at, end)
    if link == 258 or (link == 192 and size >= 8 and mem[at + 4] != 105):
        return _wrapped(mem, s, end)
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
def _wrapped(mem: Bytes, s: Record, end: int) -> int:
    """PKTAP and PPI: a header that tells the link type of what follows it."""
    s.kind = k.BAD_LINK
    at = s.packet
    size = end - at
    if s.link == 258 and size < 12:
        return DONE
    head = read32(mem, at, 0) if s.link == 258 else read16(mem, at + 2, 0)
    inner = read32(mem, at + 8, 0) if s.link == 258 else read32(mem, at + 4, 0)
    if head < 8 or size < head + 4:
        return DONE
    at += head
    if inner == 1:
        return ethernet(mem, s, at, end)
    if inner == 0 or inner == 108:
        s.payload = at + 4
        little = read32(mem, at, 0)
        return _of_family(s, read32(mem, at, 1) if little > 0xFFFF else little)
    s.payload = at
    if inner == 12 or inner == 14 or inner == 101:
        return RAW
    s.kind = k.LINK + min(inner, 1023)
    return DONE


@compiled
def _rare_link(mem: Bytes, s: Record, end: int) -> int:
    """FDDI, pflog, encapsulated IPsec, IP over Fibre Channel, NFLOG; others by `_wide_area`."""
    at = s.packet
    size = end - at
    link = s.link
    if link == 6 and size >= 22:  # Token Ring; the first bit of the source says that it is routed
        routed = (i64(mem[at + 14]) & 31) if mem[at + 8] & 0x80 else 0
        return _logical_link(mem, s, at + 14 + routed, end)
    if link == 138 and size >= 18:  # IP over IEEE 1394
        s.payload = at + 18
        return read16(mem, at + 16, 1)
    if link == 226 and size >= 24:  # Solaris' ipnet
        s.payload = at + 24
        return _of_family(s, 30 if mem[at + 1] == 26 else i64(mem[at + 1]))
    if link == 219:
        s.payload = at
        return MPLS
    if link == 240 and size >= 4:
        return ethernet(mem, s, at + 4, end)
    if link == 107 or link == 123 or link == 166 or (link >= 204 and link <= 206):
        return _wide_area(mem, s, end)
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
    short = link == 6 or link == 138 or link == 226 or link == 240
    if (
        link == 10
        or link == 11
        or link == 122
        or link == 109
        or link == 117
        or link == 239
        or short
    ):
        s.kind = k.BAD_LINK
    else:
        s.kind = k.BAD_INTERFACE if link < 0 else k.LINK + min(link, 1023)
    return DONE


@compiled
def _wide_area(mem: Bytes, s: Record, end: int) -> int:
    """Frame Relay, ATM as SunATM writes it, and PPP, HDLC and Frame Relay behind a direction byte."""
    at = s.packet
    link = s.link
    s.kind = k.BAD_LINK
    if end - at < 12:
        return DONE
    if link == 123:
        if mem[at] & 15 == 1:  # LAN emulation: a client's number, then Ethernet
            return ethernet(mem, s, at + 6, end)
        return _logical_link(mem, s, at + 4, end)
    if link == 166:
        return ppp(mem, s, at + 2 if mem[at + 1] == 3 else at + 1, end)
    if link == 204:
        at += 1
        return ppp(mem, s, at + 2 if mem[at] == 0xFF and mem[at + 1] == 3 else at, end)
    if link == 205:
        s.payload = at + 5
        return _tagged(mem, s, read16(mem, at + 3, 1), end)
    return _frame_relay(mem, s, at + 1 if link == 206 else at, end)


@compiled
def _frame_relay(mem: Bytes, s: Record, at: int, end: int) -> int:
    """RFC 2427 with its protocol byte, or Cisco's EtherType behind the address."""
    at += 2 if mem[at + 1] & 1 else 4
    if mem[at] != 3:
        s.payload = at + 2
        return _tagged(mem, s, read16(mem, at, 1), end)
    at += 2 if mem[at + 1] == 0 else 1  # a pad byte
    protocol = i64(mem[at])
    s.payload = at + 1
    if protocol == 0xCC:
        return 0x0800
    if protocol == 0x8E:
        return 0x86DD
    if protocol != 0x80 or end - at < 8:
        s.kind = k.LLC
        return DONE
    s.payload = at + 6
    number = read16(mem, at + 4, 1)
    if read16(mem, at + 1, 1) == 0x0080:  # bridged, with the frame's checksum (1) or without
        return ethernet(mem, s, at + 6, end) if number == 1 or number == 7 else DONE
    return _tagged(mem, s, number, end)


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
    if s.destination_mac >> 8 == 0x01000C0000 and end - at >= 40:  # Cisco's ISL: 26 bytes before
        at += 26
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
    """Behind tags of whatever kind: 802.1Q and 802.1ad tell the VLAN, others are stepped over."""
    for _ in range(6):
        if ethertype == 0x8100 or ethertype == 0x88A8 or ethertype == 0x9100 or ethertype == 0x9200:
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
            continue
        width = _tag_width(mem, s.payload, end, ethertype)
        if width == 0 or end - s.payload < width + 2:
            return ethertype
        ethertype = read16(mem, s.payload + width, 1)
        s.payload += width + 2
    return ethertype


@compiled
def _tag_width(mem: Bytes, at: int, end: int, ethertype: int) -> int:
    """Bytes between a tag's own EtherType and the next one; 0 where it is no tag."""
    if ethertype == 0x8926 or ethertype == 0x892F:  # VN-Tag, HSR
        return 4
    if ethertype == 0x893F or ethertype == 0x8909:  # 802.1BR, Cisco's security group
        return 6
    if ethertype == 0x88E5 and end > at and mem[at] & 0x0C == 0:  # MACsec that only authenticates
        return 14 if mem[at] & 0x20 else 6
    return 0


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
