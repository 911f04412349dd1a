"""Conversations written from the specifications: (side, bytes), where 0 is who opened the flow."""

from __future__ import annotations

import base64

CRLF = b"\r\n"
Said = list[tuple[int, bytes]]


def lines(*words: str) -> bytes:
    return b"".join(word.encode() + CRLF for word in words)


def packet(payload: bytes) -> bytes:
    """An SSH 2 packet in clear, with the padding of RFC 4253 section 6."""
    padding = 8 - (len(payload) + 5) % 8 + 8
    return (
        (1 + len(payload) + padding).to_bytes(4, "big")
        + bytes([padding])
        + payload
        + bytes(padding)
    )


def string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def kexinit(kex: str, key: str, cipher: str, mac: str, packed: str = "none") -> bytes:
    names = (kex, key, cipher, cipher, mac, mac, packed, packed, "", "")
    return packet(b"\x14" + bytes(16) + b"".join(string(one.encode()) for one in names) + bytes(5))


HOST_KEY = string(b"ssh-ed25519") + string(bytes(32))
SSH_OPENING: Said = [
    (1, b"SSH-2.0-OpenSSH_9.6\r\n"),
    (0, b"SSH-2.0-libssh2_1.11.0\r\n"),
    (0, kexinit("ecdh-sha2-nistp256,curve25519-sha256", "rsa,ssh-ed25519", "a,aes128-ctr", "hmac-sha1")),
    (1, kexinit("curve25519-sha256", "ssh-ed25519", "aes128-ctr,a", "hmac-sha2-256,hmac-sha1")),
    (0, packet(b"\x1e" + string(bytes(32)))),
    (1, packet(b"\x1f" + string(HOST_KEY) + string(bytes(32)) + string(bytes(64)))),
    (1, packet(b"\x15")),
    (0, packet(b"\x15")),
]  # fmt: skip

ATTACHMENT = bytes(range(256)) * 8
MAIL = lines(
    "Received: from relay (relay.example [203.0.113.9]) by mx",
    " with ESMTP",
    "From: =?GB2312?B?"
    + base64.b64encode("张三".encode("gb2312")).decode()
    + "?= <zhang@example.cn>",
    'To: "Li, Si" <li@example.cn>, wang@example.cn',
    "Cc: zhao@example.cn",
    "Subject: =?gb2312?B?" + base64.b64encode("关于召开".encode("gb2312")).decode() + "?=",
    " =?gb2312?Q?=BB=E1=D2=E9?=",
    "Message-ID: <1@example.cn>",
    "Date: Mon, 1 Jun 2026 09:00:00 +0800",
    "X-Mailer: Foxmail 7",
    "X-Originating-IP: [198.51.100.7]",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="=_b"',
    "",
    "preamble",
    "--=_b",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "=E6=96=87 one",
    "..two",
    "--=_b",
    "Content-Type: application/octet-stream; name*=UTF-8''%E8%A1%A8.xls",
    "Content-Disposition: attachment; filename*0*=UTF-8''%E8%A1%A8; filename*1=.xls",
    "Content-Transfer-Encoding: base64",
    "",
    *base64.encodebytes(ATTACHMENT).decode().split(),
    "--=_b--",
    "epilogue",
)
SMTP: Said = [
    (1, lines("220 mx.example.cn ESMTP")),
    (0, lines("EHLO client.example")),
    (1, lines("250-mx.example.cn", "250-PIPELINING", "250 AUTH LOGIN PLAIN")),
    (0, lines("AUTH LOGIN")),
    (1, lines("334 VXNlcm5hbWU6")),
    (0, lines(base64.b64encode(b"zhang").decode())),
    (1, lines("334 UGFzc3dvcmQ6")),
    (0, lines(base64.b64encode(b"hunter2").decode())),
    (1, lines("235 ok")),
    (0, lines("MAIL FROM:<zhang@example.cn> SIZE=100", "RCPT TO:<li@example.cn>")),
    (0, lines("RCPT TO:<wang@example.cn>", "DATA")),
    (1, lines("250 ok", "250 ok", "250 ok", "354 go ahead")),
    (0, MAIL + b".\r\n"),
    (1, lines("250 queued as 1")),
    (0, lines("MAIL FROM:<a@b>", "RCPT TO:<nobody@example.cn>")),
    (1, lines("250 ok", "550 no such user")),
    (0, lines("QUIT")),
    (1, lines("221 bye")),
]  # fmt: skip
FTP: Said = [
    (1, lines("220-Welcome", "  to the 123 server", "220 FTP ready")),
    (0, lines("USER alice")),
    (1, lines("331 password please")),
    (0, lines("PASS hunter2")),
    (1, lines("230 logged in")),
    (0, lines("CWD /pub")),
    (1, lines("250 ok")),
    (0, lines("PASV")),
    (1, lines("227 Entering Passive Mode (198,51,100,20,19,137).")),
    (0, lines("RETR a.txt")),
    (1, lines("150 Opening BINARY mode data connection for a.txt (39 bytes).", "226 done")),
    (0, lines("DELE b.txt")),
    (1, lines("550 no")),
    (0, lines("EPRT |1|192.0.2.10|4242|")),
    (1, lines("200 ok")),
    (0, lines("STOR up.bin")),
]  # fmt: skip
POP3: Said = [
    (1, lines("+OK POP3 ready")),
    (0, lines("USER li")),
    (1, lines("+OK")),
    (0, lines("PASS hunter2")),
    (1, lines("-ERR no")),
    (0, lines("AUTH PLAIN")),
    (1, lines("+ ")),
    (0, lines(base64.b64encode(b"\0li\0hunter2").decode())),
    (1, lines("+OK in")),
    (0, lines("LIST", "RETR 1", "DELE 1", "QUIT")),
    (1, lines("+OK 1 message", "1 100", ".", "+OK") + MAIL + lines(".", "+OK gone", "+OK bye")),
]  # fmt: skip
IMAP: Said = [
    (1, lines("* OK IMAP4rev1 ready")),
    (0, lines('a1 LOGIN "li si" {7}')),
    (1, lines("+ go on")),
    (0, lines("hunter2")),
    (1, lines("a1 NO wrong")),
    (0, lines("a2 AUTHENTICATE PLAIN")),
    (1, lines("+ ")),
    (0, lines(base64.b64encode(b"\0li\0hunter2").decode())),
    (1, lines("a2 OK in")),
    (0, lines('a3 SELECT "Sent Items"')),
    (1, lines("* 1 EXISTS", "a3 OK [READ-WRITE] done")),
    (0, lines("a4 UID FETCH 1 (BODY[])")),
    (1, lines(f"* 1 FETCH (UID 1 BODY[] {{{len(MAIL)}}}") + MAIL + lines(")", "a4 OK done")),
    (0, lines("a5 NOOP", "a6 DELETE Old")),
]  # fmt: skip
TFTP_READ: Said = [
    (0, b"\0\x01etc/startup.cfg\0octet\0"),
    (1, b"\0\x03\0\x01" + b"x" * 512),
    (0, b"\0\x04\0\x01"),
    (1, b"\0\x03\0\x01" + b"x" * 512),
    (1, b"\0\x03\0\x02end"),
    (0, b"\0\x04\0\x02"),
]
TELNET: Said = [
    (1, b"\xff\xfd\x18\xff\xfb\x01"),
    (0, b"\xff\xfb\x18"),
    (1, b"\xff\xfa\x18\x01\xff\xf0"),
    (0, b"\xff\xfa\x18\0VT100\xff\xf0"),
    (1, b"\r\nserver login: "),
    (0, b"rox\x7fot\r\0"),
    (1, b"\r\nPassword: "),
    (0, b"hunter2\r\0"),
    (1, b"\r\nLogin incorrect\r\nserver login: "),
    (0, b"admin\r\n"),
    (1, b"\r\nPassword: "),
    (0, b"hunter3\r\n"),
    (1, b"\r\nLast login: today\r\n$ "),
]
IRC: Said = [
    (0, lines("CAP LS 302", "NICK bot", "USER worm 0 * :Real Name")),
    (1, lines(":irc.example 001 bot :Welcome")),
    (0, lines("JOIN #a,#b key")),
    (0, lines("PRIVMSG x :\x01DCC SEND f.zip 3232235777 5000 1234\x01")),
]
KEEPALIVE = (
    '<?xml version="1.0" encoding="GB2312"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n'
    "<SN>43</SN>\r\n<DeviceID>34020000001320000001</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n"
)


def sip_request(method: str, number: int, more: tuple[str, ...] = (), body: str = "") -> bytes:
    data = body.encode("gb2312")
    return (
        lines(
            f"{method} sip:34020000002000000001@3402000000 SIP/2.0",
            "Via: SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bK1",
            "From: <sip:34020000001320000001@3402000000>;tag=1",
            "To: <sip:34020000002000000001@3402000000>",
            f"Call-ID: {number}@192.0.2.10",
            f"CSeq: {number} {method}",
            "User-Agent: IPC 1.0",
            *more,
            f"Content-Length: {len(data)}",
            "",
        )
        + data
    )


def sip_reply(status: str, method: str, number: int) -> bytes:
    return lines(
        f"SIP/2.0 {status}",
        "Via: SIP/2.0/UDP 192.0.2.10:5060;rport=5060;branch=z9hG4bK1",
        "From: <sip:34020000001320000001@3402000000>;tag=1",
        "To: <sip:34020000002000000001@3402000000>;tag=2",
        f"Call-ID: {number}@192.0.2.10",
        f"CSeq: {number} {method}",
        "Content-Length: 0",
        "",
    )


PLAY_SDP = "v=0\r\ns=Play\r\nc=IN IP4 192.0.2.30\r\nm=video 6000 RTP/AVP 96\r\ny=0100000001\r\n"
SIP: Said = [
    (0, sip_request("REGISTER", 1)),
    (1, sip_reply("401 Unauthorized", "REGISTER", 1)),
    (0, sip_request("REGISTER", 2, ('Authorization: Digest username="34020000001320000001", realm="r"',))),
    (1, sip_reply("200 OK", "REGISTER", 2)),
    (0, sip_request("MESSAGE", 3, ("Content-Type: Application/MANSCDP+xml",), KEEPALIVE)),
    (1, sip_reply("200 OK", "MESSAGE", 3)),
    (1, sip_request("INVITE", 4, ("Content-Type: application/sdp",), PLAY_SDP)),
    (0, sip_reply("100 Trying", "INVITE", 4)),
    (0, sip_reply("200 OK", "INVITE", 4)),
    (1, sip_request("ACK", 4)),
    (0, sip_request("OPTIONS", 5)),
]  # fmt: skip
DIGEST = 'Authorization: Digest username="admin", uri="x"'
SDP = b"m=video 0 RTP/AVP 96 97"
SDP_HEAD = ("Content-Type: application/sdp", f"Content-Length: {len(SDP)}")
INTERLEAVED = "Transport: RTP/AVP/TCP;interleaved=0-1"
RTSP: Said = [
    (0, lines("DESCRIBE rtsp://admin:hunter2@192.0.2.1/live RTSP/1.0", "CSeq: 2", "User-Agent: VLC", "")),
    (1, lines("RTSP/1.0 401 Unauthorized", "CSeq: 2", 'WWW-Authenticate: Digest realm="r"', "")),
    (0, lines("DESCRIBE rtsp://192.0.2.1/live RTSP/1.0", "CSeq: 3", DIGEST, "")),
    (1, lines("RTSP/1.0 200 OK", "CSeq: 3", "Server: GStreamer", *SDP_HEAD, "") + SDP),
    (0, lines("SETUP rtsp://192.0.2.1/live/1 RTSP/1.0", "CSeq: 4", INTERLEAVED, "")),
    (1, lines("RTSP/1.0 200 OK", "CSeq: 4", "Session: 77;timeout=60", f"{INTERLEAVED};ssrc=1", "")),
    (0, lines("PLAY rtsp://192.0.2.1/live RTSP/1.0", "CSeq: 5", "Session: 77", "")),
    (1, lines("RTSP/1.0 200 OK", "CSeq: 5", "Session: 77", "")),
    (1, b"$\0\0\x08abcdefgh"),
]  # fmt: skip
PROBE = (
    b'<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
    b'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Header><w:MessageID>uuid:1'
    b"</w:MessageID><w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action>"
    b"</e:Header><e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types></d:Probe>"
    b"</e:Body></e:Envelope>"
)
MATCH = (
    PROBE.replace(b"/Probe<", b"/ProbeMatches<")
    .replace(b"uuid:1", b"uuid:2")
    .replace(
        b"<d:Types>",
        b"<a:Address>urn:uuid:cam</a:Address><d:Scopes>onvif://www.onvif.org/name/IPC onvif://x</d:Scopes>"
        b"<d:XAddrs>http://192.0.2.1/onvif/device_service</d:XAddrs><d:Types>",
    )
)
WS_DISCOVERY: Said = [(0, PROBE), (0, PROBE), (1, MATCH)]
SEARCH = lines(
    "M-SEARCH * HTTP/1.1", "HOST: 239.255.255.250:1900", 'MAN: "ssdp:discover"', "MX: 3",
    "ST: ssdp:all", "",
)  # fmt: skip
PLACE = ("SERVER: Linux UPnP/1.0", "LOCATION: http://192.0.2.1:80/d.xml")
SSDP: Said = [
    (0, SEARCH),
    (0, SEARCH),
    (1, lines("HTTP/1.1 200 OK", "ST: upnp:rootdevice", "USN: uuid:1::upnp:rootdevice", *PLACE, "")),
]  # fmt: skip


def mqtt(first: int, body: bytes) -> bytes:
    size = bytearray()
    left = len(body)
    while True:
        size.append(left & 0x7F | (0x80 if left > 0x7F else 0))
        left >>= 7
        if not left:
            return bytes([first]) + bytes(size) + body


def short(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


MQTT: Said = [
    (0, mqtt(0x10, short(b"MQTT") + b"\x04\xc2\0\x3c" + short(b"dev1") + short(b"user") + short(b"hunter2"))),
    (1, mqtt(0x20, b"\0\0")),
    (0, mqtt(0x82, b"\0\x01" + short(b"a/b") + b"\x01" + short(b"c/#") + b"\0")),
    (1, mqtt(0x90, b"\0\x01\x01\0")),
    (0, mqtt(0x32, short(b"a/b") + b"\0\x07" + b"hi" * 3000)),
    (1, mqtt(0x40, b"\0\x07")),
    (1, mqtt(0x31, short(b"x/y") + b"z")),
    (0, mqtt(0x34, short(b"q/2") + b"\0\x08" + b"never finished")),
    (0, mqtt(0xC0, b"")),
]  # fmt: skip

STREAMS: dict[str, tuple[Said, int]] = {
    "ssh": (SSH_OPENING, 22),
    "smtp": (SMTP, 25),
    "ftp": (FTP, 21),
    "pop3": (POP3, 110),
    "imap": (IMAP, 143),
    "telnet": (TELNET, 23),
    "irc": (IRC, 6667),
    "rtsp": (RTSP, 554),
    "mqtt": (MQTT, 1883),
    "sip": (SIP, 5060),
}
ALL: dict[str, tuple[Said, int, str]] = {
    **{name: (said, port, "tcp") for name, (said, port) in STREAMS.items()},
    "tftp": (TFTP_READ, 69, "udp"),
    "ws_discovery": (WS_DISCOVERY, 3702, "udp"),
    "ssdp": (SSDP, 1900, "udp"),
    "sip": (SIP, 5060, "udp"),
}
