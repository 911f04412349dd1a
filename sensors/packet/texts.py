"""Every constant text of the JSON that compiled code writes, in one blob.

A text is a number: where it begins in `BLOB`, shifted by 12, and its length.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from sensors.wire.smb_names import DISPOSITIONS, SMB2_COMMANDS
from sensors.wire.tls_names import GROUPS
from sensors.wire.tls_suites import SUITES

_blob = bytearray()
_SHIFT: Final = 12


def text(words: str) -> int:
    """The number of a text, added to the blob."""
    data = words.encode()
    number = len(_blob) << _SHIFT | len(data)
    _blob.extend(data)
    return number


def member(name: str) -> int:
    """`,"name":` of a number, list or boolean."""
    return text(f',"{name}":')


def string_member(name: str) -> int:
    """`,"name":"` of a text."""
    return text(f',"{name}":"')


HEAD: Final = text('{"event.id":"')
TIMESTAMP: Final = text('","@timestamp":"')
DATASET: Final = text('","event.dataset":"')
NEXT: Final = text('",')
COMMON: Final = text(
    '"event.module":"packet","event.kind":"event","event.category":"network","observer.name":"'
)
TYPE4: Final = text('","network.type":"ipv4","network.transport":"')
TYPE6: Final = text('","network.type":"ipv6","network.transport":"')
IANA: Final = text('","network.iana_number":"')
SOURCE_IP: Final = text('","source.ip":"')
SOURCE_PORT: Final = text('","source.port":')
DESTINATION_IP: Final = text(',"destination.ip":"')
SOURCE_ONLY_IP: Final = text('","destination.ip":"')
DESTINATION_PORT: Final = text('","destination.port":')
COMMUNITY: Final = text(',"network.community_id":"1:')
COMMUNITY_QUOTED: Final = text('","network.community_id":"1:')
SESSION: Final = text('","zeek.session_id":"C')
PROTOCOL: Final = text('","network.protocol":"')
QUOTE: Final = text('"')
COMMA: Final = text(",")
CLOSE_LIST: Final = text("]")
CLOSE: Final = text("}\n")
TRUE: Final = text("true")
FALSE: Final = text("false")
PARSE_CUT: Final = text(',"fengsui.parse":"cut"')
PARSE_PARTIAL: Final = text(',"fengsui.parse":"partial"')
EMPTY: Final = text("")

TUNNEL_TYPE: Final = string_member("fengsui.tunnel.type")
TUNNEL_ID: Final = member("fengsui.tunnel.id")
TUNNEL_SOURCE: Final = string_member("fengsui.tunnel.source.ip")
TUNNEL_DESTINATION: Final = string_member("fengsui.tunnel.destination.ip")
PORT_PROTOCOL: Final = string_member("fengsui.port_protocol")

FLOW_START: Final = string_member("event.start")
FLOW_END: Final = text('","event.end":"')
FLOW_DURATION: Final = text('","event.duration":')
SOURCE_BYTES: Final = member("source.bytes")
SOURCE_PACKETS: Final = member("source.packets")
DESTINATION_BYTES: Final = member("destination.bytes")
DESTINATION_PACKETS: Final = member("destination.packets")
CLIENT_BYTES: Final = member("client.bytes")
SERVER_BYTES: Final = member("server.bytes")
NETWORK_BYTES: Final = member("network.bytes")
NETWORK_PACKETS: Final = member("network.packets")
CONN_STATE: Final = string_member("zeek.connection.state")
HISTORY: Final = string_member("zeek.connection.history")
MISSED: Final = member("zeek.connection.missed_bytes")
FLOW_PROTOCOL: Final = string_member("network.protocol")
VLAN: Final = string_member("network.vlan.id")
INNER_VLAN: Final = string_member("network.inner.vlan.id")
SOURCE_MAC: Final = string_member("source.mac")
DESTINATION_MAC: Final = string_member("destination.mac")
ONE_SIDED: Final = text(',"fengsui.one_sided":true')
ICMP_TYPE: Final = member("icmp.type")
ICMP_CODE: Final = member("icmp.code")

DNS_ID: Final = member("dns.id")
DNS_TYPE: Final = string_member("dns.type")
DNS_OPCODE: Final = string_member("dns.opcode")
DNS_NAME: Final = string_member("dns.question.name")
DNS_QTYPE: Final = string_member("dns.question.type")
DNS_QCLASS: Final = string_member("dns.question.class")
DNS_RCODE: Final = string_member("dns.response_code")
DNS_FLAGS: Final = text(',"dns.header_flags":[')
DNS_ANSWER_NAMES: Final = text(',"dns.answers.name":[')
DNS_ANSWER_TYPES: Final = text(',"dns.answers.type":[')
DNS_ANSWER_DATA: Final = text(',"dns.answers.data":[')
DNS_ANSWER_TTLS: Final = text(',"dns.answers.ttl":[')
DNS_RESOLVED: Final = text(',"dns.resolved_ip":[')
DNS_COUNT: Final = member("dns.answers_count")
DNS_EDNS_SIZE: Final = member("dns.edns.udp_size")
DNS_EDNS_VERSION: Final = member("dns.edns.version")
DNS_EDNS_DNSSEC: Final = member("dns.edns.dnssec_ok")
DNS_BYTES: Final = member("dns.bytes")
QUERY: Final = text("query")
ANSWER: Final = text("answer")
TYPE: Final = text("TYPE")
CLASS: Final = text("CLASS")
RCODE: Final = text("RCODE")
OPCODE: Final = text("OPCODE")

HTTP_METHOD: Final = string_member("http.request.method")
HTTP_VERSION: Final = string_member("http.version")
HTTP_REFERRER: Final = string_member("http.request.referrer")
HTTP_ORIGIN: Final = string_member("http.request.headers.origin")
HTTP_FORWARDED: Final = string_member("http.request.headers.x_forwarded_for")
HTTP_INTERIM: Final = member("http.response.info_code")
HTTP_INTERIM_PHRASE: Final = string_member("http.response.info_message")
HTTP_DEPTH: Final = member("http.transaction")
USER_NAME: Final = string_member("user.name")
HTTP_REQUEST_MIME: Final = string_member("http.request.mime_type")
HTTP_REQUEST_BYTES: Final = member("http.request.body.bytes")
HTTP_HEADERS: Final = text(',"http.request.headers.names":[')
HTTP_STATUS: Final = member("http.response.status_code")
HTTP_PHRASE: Final = string_member("http.response.status_phrase")
HTTP_MIME: Final = string_member("http.response.mime_type")
HTTP_CONTENT_TYPE: Final = string_member("http.response.headers.content_type")
HTTP_SERVER: Final = string_member("http.response.headers.server")
HTTP_LOCATION: Final = string_member("http.response.headers.location")
HTTP_BYTES: Final = member("http.response.body.bytes")
URL_ORIGINAL: Final = string_member("url.original")
URL_FULL: Final = string_member("url.full")
URL_DOMAIN: Final = string_member("url.domain")
URL_PATH: Final = string_member("url.path")
URL_QUERY: Final = string_member("url.query")
URL_EXTENSION: Final = string_member("url.extension")
URL_SCHEME: Final = string_member("url.scheme")
HTTP_SCHEME: Final = text("http://")
HTTP: Final = text("http")
USER_AGENT: Final = string_member("user_agent.original")
FILE_NAME: Final = string_member("file.name")
DESTINATION_DOMAIN: Final = string_member("destination.domain")

TLS_VERSION: Final = string_member("tls.version")
TLS_PROTOCOL: Final = string_member("tls.version_protocol")
TLS_CIPHER: Final = string_member("tls.cipher")
TLS_CURVE: Final = string_member("tls.curve")
TLS_ESTABLISHED: Final = member("tls.established")
TLS_RESUMED: Final = member("tls.resumed")
TLS_NEXT: Final = string_member("tls.next_protocol")
TLS_SNI: Final = string_member("tls.client.server_name")
TLS_JA3: Final = string_member("tls.client.ja3")
TLS_JA4: Final = string_member("tls.client.ja4")
TLS_JA3S: Final = string_member("tls.server.ja3s")
TLS_VERSIONS: Final = text(',"tls.client.supported_versions":[')
TLS_JA4S: Final = string_member("tls.server.ja4s")
TLS_ALERT: Final = string_member("tls.last_alert")
TLS: Final = text("tls")
TLCP: Final = text("tlcp")
SSL: Final = text("ssl")

SMB_COMMAND: Final = string_member("smb.command")
SMB_SESSION: Final = string_member("smb.session_id")
SMB_TREE: Final = member("smb.tree_id")
SMB_STATUS: Final = string_member("smb.status")
SMB_STATUS_CODE: Final = text('","smb.status_code":"0x')
OUTCOME: Final = text('","event.outcome":"')
SUCCESS: Final = text("success")
FAILURE: Final = text("failure")
SMB_NAME: Final = string_member("smb.file.name")
SMB_DIRECTORY: Final = text(',"smb.file.directory":true')
SMB_DISPOSITION: Final = string_member("smb.disposition")
SMB_NORMAL: Final = text('","smb.access":"normal"')
SMB_DELETE: Final = text('","smb.access":"delete on close"')
SMB_FUID: Final = string_member("smb.fuid")
SMB_OPEN: Final = text(',"event.action":"SMB::FILE_OPEN"')
SHARE_ROOT: Final = text("<share_root>")
UNKNOWN: Final = text("UNKNOWN")
FILE_SIZE: Final = member("file.size")
EVENT_DURATION: Final = member("event.duration")
FILE_TIMES: Final = np.array(
    [string_member("file." + one) for one in ("created", "accessed", "mtime", "ctime")], np.int64
)
SMB_COMMANDS: Final = np.array([text(one) for one in SMB2_COMMANDS], np.int64)
SMB_DISPOSITIONS: Final = np.array([text(one) for one in DISPOSITIONS], np.int64)

# Header names, lower case.
(
    H_HOST, H_AGENT, H_REFERER, H_LENGTH, H_TYPE, H_TRANSFER, H_ENCODING, H_DISPOSITION, H_SERVER,
    H_LOCATION, H_ORIGIN, H_FORWARDED, H_AUTHORIZATION, H_AUTHENTICATE, H_PROXY_AUTHENTICATE,
    H_PROXY_AUTHORIZATION,
) = (
    text("host"), text("user-agent"), text("referer"), text("content-length"),
    text("content-type"), text("transfer-encoding"), text("content-encoding"),
    text("content-disposition"), text("server"), text("location"),
    text("origin"), text("x-forwarded-for"), text("authorization"), text("www-authenticate"),
    text("proxy-authenticate"), text("proxy-authorization"),
)  # fmt: skip
CHUNKED: Final = text("chunked")
NTLM: Final = text("ntlm ")
NEGOTIATE: Final = text("negotiate ")
FILENAME: Final = text("filename")

# By their bits of state.wanted; those without a name are none.
_DATASETS = ("flow", "dns", "http", "tls", "flow_open", "", "", "", "smb", "smb_files")
DATASET_TEXT: Final = np.array([text(name) for name in _DATASETS], np.int64)
DATASET_NAMES: Final = _DATASETS

_TUNNELS = (
    "", "gre", "erspan", "ipip", "6in4", "vxlan", "geneve", "gtp", "teredo", "l2tp", "ayiya",
    "etherip", "mpls",
)  # fmt: skip
TUNNELS: Final = np.array([text(name) for name in _TUNNELS], np.int64)

_STATES = (
    "S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH",
)  # fmt: skip
(S0, S1, SF, REJ, S2, S3, RSTO, RSTR, RSTOS0, RSTRH, SH, SHR, OTH) = range(len(_STATES))
STATE_TEXT: Final = np.array([text(name) for name in _STATES], np.int64)


def table(size: int, names: dict[int, str]) -> Any:
    """Texts by number, 0 where a number has no name."""
    found = np.zeros(size, np.int64)
    for number, name in names.items():
        found[number] = text(name)
    return found


TRANSPORTS: Final = table(
    256,
    {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp", 132: "sctp", 2: "igmp", 47: "gre", 50: "esp"},
)
TLS_ALERTS: Final = table(
    256,
    {
        0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed",
        22: "record_overflow", 30: "decompression_failure", 40: "handshake_failure",
        41: "no_certificate", 42: "bad_certificate", 43: "unsupported_certificate",
        44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
        47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
        51: "decrypt_error", 60: "export_restriction", 70: "protocol_version",
        71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback",
        90: "user_canceled", 100: "no_renegotiation", 109: "missing_extension",
        110: "unsupported_extension", 111: "certificate_unobtainable", 112: "unrecognized_name",
        113: "bad_certificate_status_response", 114: "bad_certificate_hash_value",
        115: "unknown_psk_identity", 116: "certificate_required", 120: "no_application_protocol",
    },
)  # fmt: skip
OPCODES: Final = table(
    16, {0: "QUERY", 1: "IQUERY", 2: "STATUS", 4: "NOTIFY", 5: "UPDATE", 6: "DSO"}
)
RCODES: Final = table(
    32,
    dict(
        enumerate(
            [
                "NOERROR",
                "FORMERR",
                "SERVFAIL",
                "NXDOMAIN",
                "NOTIMP",
                "REFUSED",
                "YXDOMAIN",
                "YXRRSET",
                "NXRRSET",
                "NOTAUTH",
                "NOTZONE",
                "DSOTYPENI",
            ]
        )
    )
    | {16: "BADVERS", 17: "BADKEY", 18: "BADTIME", 23: "BADCOOKIE"},
)
CLASSES: Final = table(256, {1: "IN", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY"})
DNS_TYPES: Final = table(
    300,
    {
        1: "A", 2: "NS", 3: "MD", 4: "MF", 5: "CNAME", 6: "SOA", 7: "MB", 8: "MG", 9: "MR",
        10: "NULL", 11: "WKS", 12: "PTR", 13: "HINFO", 14: "MINFO", 15: "MX", 16: "TXT", 17: "RP",
        18: "AFSDB", 19: "X25", 24: "SIG", 25: "KEY", 28: "AAAA", 29: "LOC", 32: "NB", 33: "SRV",
        35: "NAPTR", 36: "KX", 37: "CERT", 38: "A6", 39: "DNAME", 41: "OPT", 42: "APL", 43: "DS",
        44: "SSHFP", 45: "IPSECKEY", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 49: "DHCID",
        50: "NSEC3", 51: "NSEC3PARAM", 52: "TLSA", 53: "SMIMEA", 55: "HIP", 59: "CDS",
        60: "CDNSKEY", 61: "OPENPGPKEY", 62: "CSYNC", 63: "ZONEMD", 64: "SVCB", 65: "HTTPS",
        99: "SPF", 108: "EUI48", 109: "EUI64", 249: "TKEY", 250: "TSIG", 251: "IXFR",
        252: "AXFR", 253: "MAILB", 254: "MAILA", 255: "ANY", 256: "URI", 257: "CAA",
    },
)  # fmt: skip
FLAG_NAMES: Final = np.array(
    [text(f'"{flag}"') for flag in ("AA", "TC", "RD", "RA", "AD", "CD")], np.int64
)

_PROTOCOLS = (
    "", "dns", "http", "tls", "ssh", "smb", "rdp", "ftp", "smtp", "pop3", "imap", "telnet", "snmp",
    "ntp", "dhcp", "kerberos", "ldap", "mysql", "postgresql", "redis", "quic", "rtsp", "sip",
    "bittorrent", "irc", "socks", "ssdp", "nbns", "dce_rpc", "nbss", "stun", "tftp", "syslog",
    "vnc", "mqtt", "tds", "memcached", "mongodb", "rtp", "dtls", "wireguard", "openvpn", "ike",
    "radius", "modbus", "s7comm", "nbdgm", "http2", "rsync", "git", "llmnr", "mdns", "vxlan",
    "gtp", "x11", "amqp", "coap", "geneve", "teredo",
)  # fmt: skip
PROTOCOL_NUMBER: Final = {name: number for number, name in enumerate(_PROTOCOLS)}
DNS_PROTOCOL, HTTP_PROTOCOL, TLS_PROTOCOL_NUMBER = (
    PROTOCOL_NUMBER[name] for name in ("dns", "http", "tls")
)

# What protocols.py looks for, in its order.
MAGIC: Final = tuple(
    text(words)
    for words in (
        "HTTP/1.", "http://", "\x13BitTorrent protocol", "MQTT", "MQIsdp", "RTSP/1.", "SIP/2.0",
        "USER ", "PASS ", " :", "220 ", "220-", "FTP", " NOTICE ", " 001 ", "M-SEARCH ",
        "NOTIFY * HTTP", "SIP/2.0", "d1:ad2:id20:", "d1:rd2:id20:",
    )
)  # fmt: skip
MAGIC_HTTP: Final = text("HTTP/1.")
MAGIC_ICY: Final = text("ICY 200")
_FIRST_WORDS = {
    "SSH-": "ssh", "HTTP/1.": "http", "ICY 200": "http", "PRI * HTTP/2": "http2", "EHLO ": "smtp",
    "HELO ": "smtp", "+OK": "pop3", "* OK": "imap", "* BYE": "imap", "RFB 0": "vnc", "NICK ": "irc",
    "CAP LS": "irc", "NOTICE AUTH": "irc", "RTSP/1.": "rtsp", "SIP/2.0": "sip", "*1\r\n$": "redis",
    "*2\r\n$": "redis", "*3\r\n$": "redis", "*4\r\n$": "redis", "@RSYNCD:": "rsync",
    "AMQP": "amqp", "AUTH TLS": "ftp",
}  # fmt: skip
FIRST_WORDS: Final = np.array([text(words) for words in _FIRST_WORDS], np.int64)
FIRST_WORD_PROTOCOLS: Final = np.array(
    [PROTOCOL_NUMBER[name] for name in _FIRST_WORDS.values()], np.int64
)

MIMES: Final = (
    "", "application/x-dosexec", "application/zip", "application/pdf", "image/gif", "image/png",
    "image/jpeg", "application/vnd.ms-cab-compressed", "application/x-rar",
    "application/x-7z-compressed", "application/x-gzip", "application/x-executable",
    "application/x-shockwave-flash", "application/msword", "text/html", "application/xml",
    "text/json", "text/rtf", "application/x-java-applet", "image/webp", "image/x-icon",
    "application/x-mach-o-executable", "application/x-xz", "application/x-bzip2", "video/mp4", "audio/mpeg",
    "application/x-ms-shortcut", "text/x-shellscript", "text/plain", "application/x-tar",
)  # fmt: skip
MIME_NUMBER: Final = {name: number for number, name in enumerate(MIMES)}
MIME_TEXT: Final = np.array([text(name) for name in MIMES], np.int64)

_TEXT_MAGIC = {
    "<!doctype html": "text/html", "<html": "text/html", "<head": "text/html",
    "<body": "text/html", "<script": "text/html", "<title": "text/html", "<iframe": "text/html",
    "<meta": "text/html", "<table": "text/html", "<?xml": "application/xml", "#!/": "text/x-shellscript",
}  # fmt: skip
TEXT_MAGIC: Final = np.array([text(words) for words in _TEXT_MAGIC], np.int64)
TEXT_MAGIC_MIMES: Final = np.array([MIME_NUMBER[name] for name in _TEXT_MAGIC.values()], np.int64)

SUITE_CODES: Final = np.array(sorted(SUITES), np.int64)
SUITE_TEXTS: Final = np.array([text(SUITES[code]) for code in sorted(SUITES)], np.int64)
GROUP_CODES: Final = np.array(sorted(GROUPS), np.int64)
GROUP_TEXTS: Final = np.array([text(GROUPS[code]) for code in sorted(GROUPS)], np.int64)
V10, V11, V12, V13, V20, V30 = (text(v) for v in ("1.0", "1.1", "1.2", "1.3", "2.0", "3.0"))

BLOB: Final = np.frombuffer(bytes(_blob), np.uint8)
