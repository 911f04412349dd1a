"""Protocols of lines: HTTP/1.1 (RFC 9112), RTSP (RFC 2326), SIP with GB/T 28181, SMTP, SSH banners."""

from __future__ import annotations

import random
from collections.abc import Sequence

Headers = Sequence[tuple[str, str]]


def message(first: str, headers: Headers, body: bytes = b"") -> bytes:
    """First line, headers, an empty line, body: the form that all of them share."""
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def http_request(
    method: str, host: str, target: str, headers: Headers = (), body: bytes = b""
) -> bytes:
    """HTTP/1.1 request; `Content-Length` is added where there is a body."""
    named = [("Host", host), *headers]
    if body:
        named.append(("Content-Length", str(len(body))))
    return message(f"{method} {target} HTTP/1.1", named, body)


def http_response(
    status: str, kind: str, body: bytes = b"", headers: Headers = (), server: str = "nginx"
) -> bytes:
    """HTTP/1.1 response with `Content-Length`."""
    named = [("Server", server), ("Content-Type", kind), ("Content-Length", str(len(body)))]
    return message(f"HTTP/1.1 {status}", [*named, *headers], body)


def html(rng: random.Random, title: str, size: int) -> bytes:
    """A page of about `size` bytes."""
    words = ["通知", "办事指南", "公示", "预约", "材料", "流程", "部门", "栏目", "附件", "查询"]
    rows: list[str] = []
    length = 0
    while length < size:
        rows.append(f"<li>{rng.choice(words)}{rng.randrange(10_000)}</li>")
        length += 24
    page = f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title></head>"
    return (page + "<body><ul>" + "".join(rows) + "</ul></body></html>").encode()


def executable(rng: random.Random, size: int) -> bytes:
    """What looks like a Windows program (DOS stub, PE32+ headers) and is random after that."""
    stub = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00\xb8".ljust(60, b"\0")
    stub += (128).to_bytes(4, "little") + b"\x0e\x1f\xba\x0e\x00\xb4\x09\xcd\x21\xb8\x01L\xcd\x21"
    stub = (stub + b"This program cannot be run in DOS mode.\r\r\n$").ljust(128, b"\0")
    coff = b"PE\0\0\x64\x86\x05\x00" + rng.randbytes(4) + bytes(8) + b"\xf0\x00\x22\x00"
    return (stub + coff + b"\x0b\x02").ljust(1024, b"\0") + rng.randbytes(size - 1024)


def sdp(address: str) -> bytes:
    """A camera's description of its stream."""
    lines = [
        "v=0",
        f"o=- 1 1 IN IP4 {address}",
        "s=Media Presentation",
        "t=0 0",
        "m=video 0 RTP/AVP 96",
        "a=rtpmap:96 H265/90000",
        "a=control:trackID=1",
    ]
    return "\r\n".join(lines).encode() + b"\r\n"


def keepalive_xml(device: str, number: int) -> bytes:
    """The heartbeat of a device (GB/T 28181, MANSCDP)."""
    text = (
        '<?xml version="1.0" encoding="GB2312"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n'
        f"<SN>{number}</SN>\r\n<DeviceID>{device}</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n"
    )
    return text.encode()
