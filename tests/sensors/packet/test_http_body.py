"""Several transactions on one connection, bodies of all kinds, bytes out of order and lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sensors.packet.frames import Connection, sense


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: h.example\r\n\r\n".encode()


def reply(body: bytes, head: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def pairs(events: list[dict[str, Any]]) -> list[tuple[Any, Any, Any]]:
    events = sorted(events, key=lambda event: event["@timestamp"])
    return [
        (
            event.get("url.path"),
            event.get("http.response.status_code"),
            event.get("http.response.mime_type"),
        )
        for event in events
    ]


def test_keep_alive_with_every_way_to_end_a_body() -> None:
    web = Connection().open()
    web.say(0, get("/length"))
    web.say(1, reply(b"%PDF-1.4 HTTP/1.1 999 no head\r\n\r\n" * 300))
    web.say(0, get("/chunked"))
    web.say(
        1,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nPK\x03\x04z\r\n"
        + b"400\r\n"
        + b"x" * 1024
        + b"\r\n0\r\nT: 1\r\n\r\n",
    )
    web.say(0, get("/none").replace(b"GET", b"HEAD"))
    web.say(1, b"HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n")
    web.say(0, get("/unchanged"))
    web.say(1, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")
    web.say(0, get("/continue"))
    web.say(1, b"HTTP/1.1 100 Continue\r\n\r\n" + reply(b'{ "a": 1}'))
    web.say(0, get("/tail"))
    web.say(1, b"HTTP/1.0 200 OK\r\n\r\nGIF89a and on to the end")
    assert pairs(sense(web.close().pcap()).of("http")) == [
        ("/length", 200, "application/pdf"),
        ("/chunked", 200, "application/zip"),
        ("/none", 200, None),
        ("/unchanged", 304, None),
        ("/continue", 200, "text/json"),
        ("/tail", 200, "image/gif"),
    ]


def test_pipelined_requests_are_paired_in_order() -> None:
    web = Connection().open()
    web.say(0, b"".join(get(f"/{n}") for n in range(20)))
    web.say(1, b"".join(reply(b"<html>%d" % n) for n in range(20)))
    events = sense(web.close().pcap()).of("http")
    assert sorted(int(path[1:]) for path, status, mime in pairs(events)) == list(range(20))
    assert {status for _, status, _ in pairs(events)} == {200}
    assert len({event["event.id"] for event in events}) == 20


def test_a_request_without_response_is_told_at_the_end() -> None:
    web = Connection().open()
    web.say(0, get("/lonely"))
    assert pairs(sense(web.pcap()).of("http")) == [("/lonely", None, None)]


def test_segments_out_of_order_and_twice() -> None:
    web = Connection().open()
    head = get("/disorder")
    web.send(0, "PA", head[20:], at=20)
    web.send(0, "PA", head[:20])
    web.skip(0, len(head) - 20)
    web.send(0, "PA", head[5:], at=5 - len(head))
    web.say(1, reply(b"x"))
    seen = sense(web.close().pcap())
    assert pairs(seen.of("http")) == [("/disorder", 200, None)]
    (flow,) = seen.of("flow")
    assert flow["client.bytes"] == len(head)
    assert "T" in flow["zeek.connection.history"]


def test_a_lost_segment_costs_only_its_own_message() -> None:
    web = Connection().open()
    web.say(0, get("/first"))
    web.say(1, reply(b"1"))
    web.skip(0, len(get("/lost")))
    web.say(0, get("/third"))
    web.say(1, reply(b"3"))
    seen = sense(web.close().pcap())
    assert ("/third", 200, None) in pairs(seen.of("http"))
    assert seen.of("flow")[0]["zeek.connection.missed_bytes"] == len(get("/lost"))


def test_a_tunnel_through_a_proxy_is_looked_into() -> None:
    web = Connection(3128).open()
    web.say(0, b"CONNECT t.example:443 HTTP/1.1\r\nHost: t.example:443\r\n\r\n")
    web.say(1, b"HTTP/1.1 200 Connection established\r\n\r\n")
    web.say(0, b"SSH-2.0-test\r\n")
    seen = sense(web.close().pcap())
    assert seen.of("http")[0]["destination.domain"] == "t.example"
    assert seen.of("flow")[0]["network.protocol"] == "ssh"


@pytest.mark.parametrize("start", [get("/mid"), reply(b"<html>")])
def test_midstream(start: bytes) -> None:
    web = Connection()
    web.say(0 if start.startswith(b"GET") else 1, start)
    (event,) = sense(web.pcap()).of("http")
    assert event["source.port"] == 40_000
