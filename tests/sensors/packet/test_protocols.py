"""Protocols by their first bytes."""

from __future__ import annotations

import struct

import pytest

from tests.sensors.packet.frames import CLIENT, SERVER, START, Connection, pcap, sense, udp

STREAMS: list[tuple[str, int, int, bytes]] = [
    ("ssh", 1, 2222, b"SSH-2.0-OpenSSH_9\r\n"),
    ("smb", 0, 445, b"\0\0\0\x54\xfeSMB@\0"),
    ("rdp", 0, 3390, b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0"),
    ("s7comm", 0, 102, b"\x03\0\0\x16\x11\xe0\0\0\0\x01\0"),
    ("ftp", 1, 21, b"220 ready\r\n"),
    ("ftp", 0, 2121, b"USER anonymous\r\n"),
    ("smtp", 1, 25, b"220 mx ESMTP\r\n"),
    ("pop3", 1, 110, b"+OK hello\r\n"),
    ("imap", 1, 143, b"* OK IMAP4\r\n"),
    ("telnet", 1, 23, b"\xff\xfd\x18\xff\xfd\x20"),
    ("kerberos", 0, 88, b"\0\0\0\x0a\x6a\x08\x30\x06\xa1\x03\x02\x01\x05\0"),
    ("ldap", 0, 389, b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0"),
    ("mysql", 1, 3306, b"\x4a\0\0\0\x0a8.0.30\0"),
    ("postgresql", 0, 5432, b"\0\0\0\x08\x04\xd2\x16\x2f"),
    ("redis", 0, 6379, b"*1\r\n$4\r\nPING\r\n"),
    ("rtsp", 0, 554, b"OPTIONS rtsp://c/1 RTSP/1.0\r\n"),
    ("sip", 0, 5060, b"INVITE sip:a@b SIP/2.0\r\n"),
    ("bittorrent", 0, 6881, b"\x13BitTorrent protocol" + b"\0" * 48),
    ("irc", 0, 6667, b"NICK bot\r\n"),
    ("socks", 0, 1080, b"\x05\x01\x00"),
    ("dce_rpc", 0, 135, b"\x05\0\x0b\x03\x10\0\0\0" + b"\0" * 20),
    ("http2", 0, 80, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
]


@pytest.mark.parametrize(("protocol", "side", "port", "data"), STREAMS)
def test_streams(protocol: str, side: int, port: int, data: bytes) -> None:
    connection = Connection(port).open()
    connection.say(side, data)
    (flow,) = sense(connection.close().pcap()).of("flow")
    assert flow["network.protocol"] == protocol.replace("http2", "http2")


DATAGRAMS: list[tuple[str, int, bytes]] = [
    ("ntp", 123, b"\x23" + b"\0" * 47),
    ("dhcp", 67, b"\x01\x01\x06\0" + b"\0" * 232 + b"\x63\x82\x53\x63"),
    ("snmp", 161, b"\x30\x0c\x02\x01\x01\x04\x06public\xa0"),
    ("quic", 443, b"\xc3\0\0\0\x01\x08" + b"\0" * 30),
    ("ssdp", 1900, b"M-SEARCH * HTTP/1.1\r\n"),
    ("stun", 3478, b"\0\x01\0\0\x21\x12\xa4\x42" + b"\0" * 12),
    ("dtls", 4433, b"\x16\xfe\xfd" + b"\0" * 20),
    ("nbns", 137, b"\0\1\1\x10\0\1" + b"\0" * 6 + b"\x20" + b"CA" * 16 + b"\0\0\x20\0\1"),
    ("kerberos", 88, b"\x6a\x08\x30\x06\xa1\x03\x02\x01\x05\0\0"),
    ("bittorrent", 6881, b"d1:ad2:id20:xxxx"),
    ("sip", 5060, b"REGISTER sip:x SIP/2.0\r\n"),
    ("syslog", 514, b"<34>Oct 1 x"),
    ("tftp", 69, struct.pack(">H", 1) + b"boot\0octet\0"),
    ("wireguard", 51820, b"\x01\0\0\0" + b"k" * 144),
]


@pytest.mark.parametrize(("protocol", "port", "data"), DATAGRAMS)
def test_datagrams(protocol: str, port: int, data: bytes) -> None:
    (flow,) = sense(pcap([(START, udp(CLIENT, 50_000, SERVER, port, data))])).of("flow")
    assert flow["network.protocol"] == protocol


@pytest.mark.parametrize(
    "data", [b"\0" * 40, b"\xff" * 40, b"A", b"GET", b"hello world\n", b"\x16\x03"]
)
def test_what_does_not_tell_stays_unnamed(data: bytes) -> None:
    connection = Connection(7777).open()
    connection.say(0, data)
    (flow,) = sense(connection.close().pcap()).of("flow")
    assert flow.get("network.protocol") in {None, "tls"}
