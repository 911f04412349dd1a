"""What a packet is, as a number while decoding and as a name in the summary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

IPV4: Final = 0  # + IP protocol
IPV6: Final = 256  # + IP protocol
FRAGMENT4: Final = 512  # + IP protocol
FRAGMENT6: Final = 768  # + IP protocol
ETHERTYPE: Final = 1024  # + EtherType
LINK: Final = ETHERTYPE + 65_536  # + link type, where we cannot read it
OTHER: Final = LINK + 1024

_OTHER: Final = (
    "stp", "ipx", "isis", "llc", "empty", "family",
    "malformed.ethernet", "malformed.vlan", "malformed.link", "malformed.ipv4", "malformed.ipv6",
    "malformed.tcp", "malformed.udp", "malformed.icmp", "malformed.sctp", "malformed.interface",
    "ppp", "wlan.management", "wlan.control", "wlan.data", "wlan.encrypted",
)  # fmt: skip
(
    STP, IPX, ISIS, LLC, EMPTY, UNKNOWN_FAMILY,
    BAD_ETHERNET, BAD_VLAN, BAD_LINK, BAD_IPV4, BAD_IPV6,
    BAD_TCP, BAD_UDP, BAD_ICMP, BAD_SCTP, BAD_INTERFACE,
    PPP, WLAN_MANAGEMENT, WLAN_CONTROL, WLAN_DATA, WLAN_ENCRYPTED,
) = range(OTHER, OTHER + len(_OTHER))  # fmt: skip
COUNT: Final = OTHER + len(_OTHER)

_TRANSPORTS: Final = {
    1: "icmp", 2: "igmp", 4: "ipip", 6: "tcp", 17: "udp", 33: "dccp", 41: "ipv6", 46: "rsvp",
    47: "gre", 50: "esp", 51: "ah", 58: "icmp", 59: "no_next_header", 88: "eigrp", 89: "ospf",
    103: "pim", 112: "vrrp", 115: "l2tp", 132: "sctp", 136: "udplite",
}  # fmt: skip
_ETHERTYPES: Final = {
    0x0806: "arp", 0x8035: "rarp", 0x8100: "vlan", 0x8137: "ipx", 0x86DD: "ipv6", 0x0800: "ipv4",
    0x8808: "pause", 0x8809: "lacp", 0x8847: "mpls", 0x8848: "mpls", 0x8863: "pppoe.discovery",
    0x8864: "pppoe.session", 0x888E: "eapol", 0x88A2: "aoe", 0x88CC: "lldp", 0x88E5: "macsec",
    0x88F7: "ptp", 0x8902: "cfm", 0x8906: "fcoe", 0x9000: "loopback", 0x2000: "cdp",
    0x6558: "bridge", 0x893A: "ieee1905", 0x8892: "profinet", 0x22F0: "avtp",
}  # fmt: skip


def kind_name(kind: int) -> str:
    """`ipv4.tcp`, `arp`, `ethertype.0x88b5`, `fragment.ipv6.udp`, `link.105`, `malformed.ipv4`, … ."""
    if kind >= OTHER:
        return _OTHER[kind - OTHER]
    if kind >= LINK:
        return f"link.{kind - LINK}"
    if kind >= ETHERTYPE:
        number = kind - ETHERTYPE
        return _ETHERTYPES.get(number, f"ethertype.0x{number:04x}")
    place, transport = divmod(kind, 256)
    name = ("ipv4", "ipv6", "fragment.ipv4", "fragment.ipv6")[place]
    return f"{name}.{_TRANSPORTS.get(transport, f'protocol_{transport}')}"


def named_counts(counts: Iterable[tuple[int, int]]) -> dict[str, int]:
    """Counts by name out of (kind, count); kinds of one name are added."""
    named: dict[str, int] = {}
    for kind, count in counts:
        name = kind_name(kind)
        named[name] = named.get(name, 0) + count
    return dict(sorted(named.items()))


_LOSSES: Final = (
    "packet.sliced", "packet.untimed", "packet.bad_time", "capture.bad_record",
    "capture.zero_filled", "capture.too_many_interfaces", "flow.evicted",
    "stream.buffers_exhausted", "stream.head_too_long", "stream.gap", "stream.segment_dropped",
    "http.notes_exhausted", "http.pipeline_too_long", "http.malformed", "http.cut",
    "tls.malformed", "tls.cut", "tls.notes_exhausted", "dns.malformed", "dns.cut",
    "dns.repeated_query", "dns.query_evicted", "output.event_dropped",
    "fragment.incomplete", "fragment.overlap", "fragment.bad", "stream.overlap",
    "handover.dropped", "tls.certificates_too_long",
)  # fmt: skip
(
    SLICED, UNTIMED, BAD_TIME, BAD_RECORD,
    ZERO_FILLED, TOO_MANY_INTERFACES, EVICTED,
    BUFFERS_EXHAUSTED, HEAD_TOO_LONG, GAP, SEGMENT_DROPPED,
    NOTES_EXHAUSTED, PIPELINE_TOO_LONG, HTTP_MALFORMED, HTTP_CUT,
    TLS_MALFORMED, TLS_CUT, TLS_NOTES_EXHAUSTED, DNS_MALFORMED, DNS_CUT,
    REPEATED_QUERY, QUERY_EVICTED, EVENT_DROPPED,
    FRAGMENT_INCOMPLETE, FRAGMENT_OVERLAP, FRAGMENT_BAD, OVERLAP,
    HANDOVER_DROPPED, CERTIFICATES_TOO_LONG,
) = range(len(_LOSSES))  # fmt: skip
LOSS_NAMES: Final = _LOSSES
