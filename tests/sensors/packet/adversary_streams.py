"""Streams that make parsers work: long claims, deep nesting, many small parts."""

from __future__ import annotations

import struct
from typing import Final

# Port, bytes, and the side that says them.
STREAMS: Final[dict[str, tuple[int, bytes, int]]] = {
    "ldap": (389, b"\x30\x84\0\0\xff\xf0\x02\x01\x01\x64" + b"x" * 60_000, 0),
    "ldap nested": (
        389,
        b"\x30\x84\0\0\x7f\xf0\x02\x01\x07\x63\x84\0\0\x7f\0" + b"\xa0\x84\0\0\x70\0" * 5000,
        0,
    ),
    "kerberos": (88, b"\0\0\xff\xf0\x6a\x82\xff\xe0" + b"\x30\x80" * 30_000, 0),
    "smb": (445, b"\0\0\xff\xf0\xfeSMB" + bytes(60_000), 0),
    "dce_rpc": (135, b"\5\0\0\0\x10\0\0\0\xff\xff\0\0\1\0\0\0" + bytes(60_000), 0),
    "smtp line": (25, b"220 mail ESMTP\r\n" + b"2" * 60_000, 1),
    "smtp mail": (
        25,
        b"HELO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n" + b"Received: x\r\n" * 8000,
        0,
    ),
    "ftp": (21, b"USER " + b"a" * 60_000, 0),
    "imap literal": (143, b"a1 LOGIN {60000}\r\n" + b"x" * 60_000, 0),
    "imap brackets": (143, b"* OK IMAP4rev1\r\n* 1 FETCH " + b"(" * 60_000, 1),
    "telnet": (23, b"\xff\xfd\x18" * 20_000, 1),
    "irc": (6667, b"NICK a\r\nUSER a b c :d\r\n" + b"JOIN #a\r\n" * 8000, 0),
    "sip": (5060, b"INVITE sip:a@b SIP/2.0\r\n" + b"Via: x\r\n" * 8000, 0),
    "rtsp": (554, b"OPTIONS rtsp://a/ RTSP/1.0\r\n" + b"A: x\r\n" * 8000, 0),
    "redis": (6379, b"*100000\r\n" + b"$1\r\na\r\n" * 9000, 0),
    "redis nested": (6379, b"*1\r\n$4\r\nPING\r\n" + b"*1\r\n" * 15_000, 0),
    "mqtt": (1883, b"\x10\x10\0\4MQTT\4\2\0\x3c\0\4abcd\x30\xf0\xff\x03" + b"x" * 60_000, 0),
    "mysql": (3306, b"\xf0\xff\0\0\x0a5.7.1\0" + b"x" * 60_000, 1),
    "postgresql": (5432, b"\0\0\0\x0e\0\3\0\0user\0\0Q\0\0\xff\xf0" + b"x" * 60_000, 0),
    "mongodb": (
        27017,
        struct.pack("<IIII", 60_000, 1, 0, 2013)
        + b"\0\0\0\0\0\xf0\xff\0\0"
        + b"\x03a\0\xf0\xff\0\0" * 8000,
        0,
    ),
    "tds": (1433, b"\x12\1\xff\xf0\0\0\1\0" + bytes(60_000), 0),
    "rdp": (3389, b"\3\0\xff\xf0" + bytes(60_000), 0),
    "amqp": (5672, b"AMQP\0\0\x09\1\1\0\0\0\0\xff\xf0" + b"x" * 60_000, 0),
    "nfs": (
        2049,
        b"\x80\0\xff\xf0\0\0\0\1\0\0\0\0\0\0\0\2\0\1\x86\xa3\0\0\0\3\0\0\0\1" + bytes(60_000),
        0,
    ),
    "ssh": (22, b"SSH-2.0-x\r\n\0\0\x88\xb8\x04\x14" + b"a," * 30_000, 0),
    "http2": (
        8080,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        + b"\0\0\0\4\0\0\0\0\0"
        + b"\0\0\1\1\0\0\0\0\1\x82"
        + b"\0\0\1\x09\0\0\0\0\1\x82" * 6000,
        0,
    ),
    "socks": (1080, b"\5\xff" + b"\0" * 255 + b"\5\1\0\3\xff" + b"a" * 60_000, 0),
    "bittorrent": (6881, b"\x13BitTorrent protocol" + bytes(48) + b"\0\0\0\1\0" * 12_000, 0),
    "vnc": (5900, b"RFB 003.008\n" + b"\xff" * 60_000, 1),
    "modbus": (502, b"\0\1\0\0\0\6\1\3\0\0\0\1" * 5000, 0),
    "dnp3": (20_000, b"\x05\x64\xff\xc4\1\0\2\0" + b"\x05\x64" * 30_000, 0),
    "s7comm": (102, b"\3\0\xff\xf0\2\xf0\x80" + b"\x32" * 60_000, 0),
}
