"""HTTP heads: what is said of one transaction."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sensors.packet.frames import Connection, sense


def talk(request: bytes, response: bytes, size: int = 1400) -> list[dict[str, Any]]:
    web = Connection().open()
    web.say(0, request, size)
    web.say(1, response, size)
    return sense(web.close().pcap()).of("http")


@pytest.mark.parametrize("size", [1400, 100, 7, 1])
def test_fields_however_the_heads_are_cut(size: int) -> None:
    (event,) = talk(
        b'POST /up/load.php?a=1&b=%20 HTTP/1.1\r\nHost: Shop.example.org:8080\r\nUser-Agent: curl/8 "x"\r\n'
        b"referer: http://r.example/\r\nContent-Type: Text/Plain; charset=x\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\n"
        b'Content-Disposition: attachment; filename="inv 1.exe"\r\n'
        b"Content-Length: 10\r\n\r\nMZ\x90\0\x03\0\0\0\x04\0",
        size,
    )
    assert {
        k: v
        for k, v in event.items()
        if k.startswith(("http", "url", "user_agent", "file", "destination.d"))
    } == {
        "http.request.method": "POST",
        "http.version": "1.1",
        "http.transaction": 1,
        "url.original": "/up/load.php?a=1&b=%20",
        "url.full": "http://Shop.example.org:8080/up/load.php?a=1&b=%20",
        "url.domain": "Shop.example.org",
        "destination.domain": "Shop.example.org",
        "url.scheme": "http",
        "url.path": "/up/load.php",
        "url.query": "a=1&b=%20",
        "url.extension": "php",
        "user_agent.original": 'curl/8 "x"',
        "http.request.referrer": "http://r.example/",
        "http.request.mime_type": "text/plain",
        "http.request.body.bytes": 3,
        "http.request.headers.names": [
            "Host",
            "User-Agent",
            "referer",
            "Content-Type",
            "Content-Length",
        ],
        "http.response.status_code": 404,
        "http.response.status_phrase": "Not Found",
        "http.response.headers.content_type": "text/html; charset=utf-8",
        "http.response.headers.server": "nginx",
        "http.response.body.bytes": 10,
        "http.response.mime_type": "application/x-dosexec" if size > 3 else "text/html",
        "file.name": "inv 1.exe",
    }


@pytest.mark.parametrize(
    ("target", "host", "full", "domain"),
    [
        (b"http://p.example/x", b"Host: other\r\n", "http://p.example/x", "p.example"),
        (b"/x", b"", "http://198.51.100.20/x", None),
        (b"/x", b"Host: [2001:db8::1]:81\r\n", "http://[2001:db8::1]:81/x", "[2001:db8::1]"),
        (b"*", b"Host: h\r\n", "http://h*", "h"),
    ],
)
def test_urls(target: bytes, host: bytes, full: str, domain: str | None) -> None:
    (event,) = talk(
        b"OPTIONS " + target + b" HTTP/1.0\r\n" + host + b"\r\n", b"HTTP/1.0 204 x\r\n\r\n"
    )
    assert event["url.full"] == full
    assert event.get("url.domain") == domain


@pytest.mark.parametrize("junk", [b"\x00\xff\x1f", b'"\\', "中".encode(), b"\xe4\xb8"])
def test_any_byte_in_a_head_is_valid_json(junk: bytes) -> None:
    (event,) = talk(
        b"GET /" + junk + b" HTTP/1.1\r\nHost: " + junk + b"\r\nX" + junk + b": y\r\n\r\n",
        b"HTTP/1.1 200 " + junk + b"\r\nServer: " + junk + b"\r\nContent-Length: 0\r\n\r\n",
    )
    assert event["http.response.status_code"] == 200


def test_a_long_target_is_cut_and_says_so() -> None:
    (event,) = talk(
        b"GET /" + b'"' * 6000 + b" HTTP/1.1\r\nHost: h\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    )
    assert event["fengsui.parse"] == "cut"
    assert len(event["url.original"]) <= 3000
