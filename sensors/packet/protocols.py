"""Which application protocol a payload is, by its first bytes.

Port alone decides only where a datagram protocol has no magic of its own: 137 nbns, 138 nbdgm,
500/4500 ike, 514 syslog, 69 tftp, 123 ntp, 1812/1813 radius, 4789 vxlan, 2152 gtp, 5683 coap;
and where two protocols greet alike (220 …: ftp on 21, else smtp; TPKT: s7comm on 102, else rdp).
"""

from __future__ import annotations

from typing import Final

from sensors.packet.containers import read16, read32
from sensors.packet.dns_queries import looks_like_dns
from sensors.packet.jit import compiled, i64
from sensors.packet.layout import Bytes
from sensors.packet.texts import BLOB, FIRST_WORD_PROTOCOLS, FIRST_WORDS, MAGIC, PROTOCOL_NUMBER

UNKNOWN: Final = 0
_N = PROTOCOL_NUMBER
DNS: Final = _N["dns"]
HTTP: Final = _N["http"]
TLS: Final = _N["tls"]
SSH, SMB, RDP, FTP, SMTP, POP3 = (_N[n] for n in ("ssh", "smb", "rdp", "ftp", "smtp", "pop3"))
IMAP, TELNET, SNMP, NTP, DHCP = (_N[n] for n in ("imap", "telnet", "snmp", "ntp", "dhcp"))
KERBEROS, LDAP, MYSQL, POSTGRESQL = (_N[n] for n in ("kerberos", "ldap", "mysql", "postgresql"))
QUIC, RTSP, SIP, BITTORRENT, IRC = (_N[n] for n in ("quic", "rtsp", "sip", "bittorrent", "irc"))
SOCKS, SSDP, NBNS, NBDGM, DCE_RPC = (_N[n] for n in ("socks", "ssdp", "nbns", "nbdgm", "dce_rpc"))
NBSS, STUN, TFTP, SYSLOG, MQTT = (_N[n] for n in ("nbss", "stun", "tftp", "syslog", "mqtt"))
TDS, MONGODB, DTLS, WIREGUARD, IKE = (_N[n] for n in ("tds", "mongodb", "dtls", "wireguard", "ike"))
RADIUS, MODBUS, S7COMM, VXLAN, GTP, COAP = (
    _N[n] for n in ("radius", "modbus", "s7comm", "vxlan", "gtp", "coap")
)
MDNS, LLMNR, GENEVE, TEREDO = (_N[n] for n in ("mdns", "llmnr", "geneve", "teredo"))
(
    _HTTP1, _SCHEME, _BITTORRENT, _MQTT, _MQI, _RTSP_LINE, _SIP_LINE, _USER, _PASS, _COLON,
    _GREETING, _GREETING_MORE, _FTP_WORD, _NOTICE, _WELCOME, _SEARCH, _NOTIFY, _SIP, _DHT_ASK,
    _DHT_REPLY,
) = MAGIC  # fmt: skip


@compiled
def starts_with(mem: Bytes, at: int, end: int, words: int) -> bool:
    """Whether the bytes begin with a constant text."""
    start = words >> 12
    size = words & 4095
    if end - at < size:
        return False
    for i in range(size):
        if mem[at + i] != BLOB[start + i]:
            return False
    return True


@compiled
def contains(mem: Bytes, at: int, end: int, words: int) -> bool:
    """Whether a constant text stands somewhere in the first line."""
    for i in range(at, end):
        if mem[i] == 10:
            return False
        if starts_with(mem, i, end, words):
            return True
    return False


@compiled
def is_http_request(mem: Bytes, at: int, end: int) -> bool:
    """METHOD SP target SP HTTP/1.x; where the line is cut, METHOD SP and a target that begins so."""
    i = at
    while i < end and i - at < 20 and mem[i] >= 65 and mem[i] <= 90:
        i += 1
    if i - at < 3 or i >= end or (mem[i] != 32 and mem[i] != 45):
        return False
    if mem[i] == 45:  # M-SEARCH, VERSION-CONTROL
        while i < end and i - at < 20 and mem[i] != 32:
            i += 1
    last = -1
    for j in range(i, end):
        if mem[j] == 10:
            return last > 0 and starts_with(mem, last + 1, end, _HTTP1)
        if mem[j] == 32:
            last = j
    if i + 1 >= end:
        return False
    first = mem[i + 1]
    return first == 47 or starts_with(mem, i + 1, end, _SCHEME)


@compiled
def detect_stream(mem: Bytes, at: int, end: int, port: int, other: int) -> int:
    """Protocol of the first bytes of a TCP stream; UNKNOWN where they do not tell.

    `port` is the responder's, `other` the originator's.
    """
    size = end - at
    if size < 2:
        return UNKNOWN
    first = i64(mem[at])
    second = i64(mem[at + 1])
    if first >= 32 and first < 127:
        return _detect_text(mem, at, end, port)
    if first == 0x16 and second == 3 and size >= 3 and mem[at + 2] <= 4:
        return TLS if size < 6 or mem[at + 5] <= 2 else UNKNOWN
    if first == 0x16 and second == 1 and size >= 6 and mem[at + 2] == 1 and mem[at + 5] <= 2:
        return TLS  # TLCP (GB/T 38636)
    if first == 0x80 and size >= 5 and mem[at + 2] == 1 and mem[at + 3] <= 3 and mem[at + 4] <= 3:
        return TLS  # SSLv2-framed hello
    if first == 0xFF and second >= 0xFB and second < 0xFF and size >= 3 and mem[at + 2] < 64:
        return TELNET
    if first == 5:
        if (
            size >= 16
            and second <= 1
            and mem[at + 2] <= 19
            and read32(mem, at + 4, 1) == 0x10000000
        ):
            return DCE_RPC
        return SOCKS if size == 2 + second and second > 0 else UNKNOWN
    if first == 4 and size >= 9 and second <= 2 and mem[end - 1] == 0 and port != 53:
        return SOCKS
    if first == 3 and second == 0 and size >= 7:
        if mem[at + 5] == 0xE0 or mem[at + 5] == 0xD0 or mem[at + 5] == 0xF0:
            return S7COMM if port == 102 else RDP
    if first == 19 and starts_with(mem, at, end, _BITTORRENT):
        return BITTORRENT
    if first == 0x30:
        return _detect_ber(mem, at, end)
    if first == 0x12 and second == 1 and size >= 8 and read16(mem, at + 2, 1) >= size:
        return TDS
    if first == 0x10 and (
        starts_with(mem, at + 4, end, _MQTT) or starts_with(mem, at + 4, end, _MQI)
    ):
        return MQTT
    return _detect_length(mem, at, end, port, other)


@compiled
def _detect_length(mem: Bytes, at: int, end: int, port: int, other: int) -> int:
    """Protocols that begin with a length."""
    size = end - at
    if size >= 14 and (port == 53 or other == 53):
        if read16(mem, at, 1) >= 12 and looks_like_dns(mem, at + 2, end, 0):
            return DNS
    if size >= 8 and mem[at] == 0 and (mem[at + 4] == 0xFF or mem[at + 4] == 0xFE):
        if mem[at + 5] == 83 and mem[at + 6] == 77 and mem[at + 7] == 66:
            return SMB
    if size >= 4 and (mem[at] == 0x81 or mem[at] == 0x82) and (port == 139 or other == 139):
        return NBSS
    if (
        size >= 6
        and mem[at + 3] == 0
        and mem[at + 4] == 10
        and mem[at + 5] >= 48
        and mem[at + 5] < 58
    ):
        return MYSQL
    if size >= 8:
        version = read32(mem, at + 4, 1)
        length = read32(mem, at, 1)
        if length < 4096 and (version == 0x00030000 or version == 80_877_103):
            return POSTGRESQL
        tag = i64(mem[at + 4])
        if tag >= 0x6A and tag <= 0x7E and length + 4 >= size and length < 1 << 17:
            if _tag_of_kerberos(mem, at + 4, end):
                return KERBEROS
    if size >= 16:
        code = read32(mem, at + 12, 0)
        if (code == 2013 or code == 2004) and read32(mem, at, 0) >= 16 and mem[at + 3] == 0:
            return MONGODB
    if (port == 502 or other == 502) and size >= 8 and read16(mem, at + 2, 1) == 0:
        return MODBUS
    return UNKNOWN


@compiled
def _tag_of_kerberos(mem: Bytes, at: int, end: int) -> bool:
    """AS-REQ … TGS-REP, AP-REQ, AP-REP, KRB-ERROR: application tags 10-15 and 30 (RFC 4120)."""
    tag = i64(mem[at])
    if (tag < 0x6A or tag > 0x6F) and tag != 0x7E:
        return False
    skip = 2 + (i64(mem[at + 1]) & 127 if mem[at + 1] & 128 else 0)
    return skip <= 6 and at + skip < end and mem[at + skip] == 0x30


@compiled
def _detect_ber(mem: Bytes, at: int, end: int) -> int:
    """LDAP and SNMP: a sequence that begins with a small integer."""
    skip = 2 + (i64(mem[at + 1]) & 127 if mem[at + 1] & 128 else 0)
    i = at + skip
    if skip > 6 or end - i < 5 or mem[i] != 2:
        return UNKNOWN
    behind = i + 2 + i64(mem[i + 1])
    if mem[i + 1] > 4 or behind >= end:
        return UNKNOWN
    tag = mem[behind]
    if mem[i + 1] == 1 and mem[i + 2] <= 3 and (tag == 4 or tag == 0x30):
        return SNMP
    if (tag >= 0x60 and tag <= 0x79) or tag == 0x42 or tag == 0x4A or tag == 0x50:
        return LDAP
    return UNKNOWN


@compiled
def _detect_text(mem: Bytes, at: int, end: int, port: int) -> int:
    for i in range(len(FIRST_WORDS)):
        if starts_with(mem, at, end, FIRST_WORDS[i]):
            return i64(FIRST_WORD_PROTOCOLS[i])
    if mem[at] >= 65 and mem[at] <= 90:
        if contains(mem, at, end, _RTSP_LINE):
            return RTSP
        if contains(mem, at, end, _SIP_LINE):
            return SIP
        if is_http_request(mem, at, end):
            return HTTP
        if starts_with(mem, at, end, _USER) or starts_with(mem, at, end, _PASS):
            return IRC if contains(mem, at, end, _COLON) or port // 10 == 666 else FTP
    if starts_with(mem, at, end, _GREETING) or starts_with(mem, at, end, _GREETING_MORE):
        if contains(mem, at, end, _FTP_WORD) or port == 21:
            return FTP
        return SMTP
    if mem[at] == 58 and (contains(mem, at, end, _NOTICE) or contains(mem, at, end, _WELCOME)):
        return IRC
    if mem[at] == 48:
        return _detect_ber(mem, at, end)
    return _detect_length(mem, at, end, port, 0)


@compiled
def detect_datagram(mem: Bytes, at: int, end: int, port: int, other: int) -> int:
    """Protocol of a UDP payload; `port` is the responder's."""
    size = end - at
    if size < 1:
        return UNKNOWN
    if port == 53 or other == 53:
        return DNS if looks_like_dns(mem, at, end, 0) else UNKNOWN
    if port == 5353 or other == 5353:
        return MDNS if looks_like_dns(mem, at, end, 0) else UNKNOWN
    if port == 5355 or other == 5355:
        return LLMNR if looks_like_dns(mem, at, end, 0) else UNKNOWN
    if port == 137 or other == 137:
        return NBNS if looks_like_dns(mem, at, end, -1) else UNKNOWN
    if port == 138:
        return NBDGM
    first = i64(mem[at])
    if (
        size >= 48
        and (port == 123 or other == 123)
        and (first >> 3) & 7 >= 1
        and (first >> 3) & 7 <= 4
    ):
        return NTP
    if size >= 20 and first < 4 and read32(mem, at + 4, 1) == 0x2112A442:
        return STUN
    if size >= 240 and (first == 1 or first == 2) and read32(mem, at + 236, 1) == 0x63825363:
        return DHCP
    if _is_quic(mem, at, end):
        return QUIC
    if first == 0x30:
        return _detect_ber(mem, at, end)
    if first >= 0x6A and first <= 0x7E and size > 10 and _tag_of_kerberos(mem, at, end):
        return KERBEROS
    if first == 0x16 and size >= 13 and mem[at + 1] == 0xFE and mem[at + 2] >= 0xFD:
        return DTLS
    if ((size == 148 and first == 1) or (size == 92 and first == 2)) and read32(
        mem, at, 0
    ) == first:
        return WIREGUARD
    if first >= 32 and first < 127:
        named = _datagram_text(mem, at, end, port)
        if named:
            return named
    named = _datagram_port(mem, at, end, port, other)
    if named:
        return named
    return DNS if looks_like_dns(mem, at, end, 1) else UNKNOWN


@compiled
def is_dns(number: int) -> bool:
    """Whether the protocol's messages are DNS messages."""
    return number == DNS or number == MDNS or number == LLMNR or number == NBNS


@compiled
def _is_quic(mem: Bytes, at: int, end: int) -> bool:
    """A long header of a known version (RFC 9000, 9369, drafts), or Google's older one."""
    if end - at < 21:
        return False
    if mem[at] & 0xC0 == 0xC0:
        version = read32(mem, at + 1, 1)
        if version == 1 or version == 0x6B3343CF or version >> 8 == 0xFF0000:
            return bool(mem[at + 5] <= 20)
        return (version >> 16) & 0xFFF0 == 0x5130 or (version >> 16) & 0xFFF0 == 0x5430
    return mem[at] & 0x89 == 0x09 and read16(mem, at + 9, 1) == 0x5130


@compiled
def _datagram_text(mem: Bytes, at: int, end: int, port: int) -> int:
    if starts_with(mem, at, end, _SEARCH) or starts_with(mem, at, end, _NOTIFY):
        return SSDP
    if starts_with(mem, at, end, _SIP) or contains(mem, at, end, _SIP_LINE):
        return SIP
    if starts_with(mem, at, end, _DHT_ASK) or starts_with(mem, at, end, _DHT_REPLY):
        return BITTORRENT
    if mem[at] == 60 and port == 514:
        return SYSLOG
    return UNKNOWN


@compiled
def _datagram_port(mem: Bytes, at: int, end: int, port: int, other: int) -> int:
    size = end - at
    first = i64(mem[at])
    if (port == 500 or port == 4500) and size >= 28:
        return IKE
    if port == 69 and size >= 4 and mem[at] == 0 and mem[at + 1] <= 6:
        return TFTP
    if (port == 1812 or port == 1813) and size >= 20 and read16(mem, at + 2, 1) <= size:
        return RADIUS
    if (port == 4789 or port == 8472) and size >= 8 and mem[at] & 0xF7 == 0 and mem[at + 7] == 0:
        return VXLAN
    if port == 2152 and size >= 8 and first >> 5 == 1 and first & 0x10:
        return GTP
    if port == 6081 and size >= 8 and first >> 6 == 0:
        return GENEVE
    if port == 3544 and size >= 40:
        return TEREDO
    if port == 5683:
        return COAP
    if port == 1900 or other == 1900:
        return SSDP
    return UNKNOWN
