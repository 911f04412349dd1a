"""HTTP/2 in the clear: streams that cross, bodies, promised answers, lost header tables."""

from __future__ import annotations

import gzip
import hashlib

import hpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.protocols.http2 import PREFACE, PROTOCOL, recognises
from tests.sensors.protocols.playing import Played, a_flow, play

Said = list[tuple[int, bytes]]
FLOW = a_flow(8080)
DATA, HEADERS, RESET, SETTINGS, PROMISE, PING, AWAY, WINDOW, MORE = 0, 1, 3, 4, 5, 6, 7, 8, 9
PAGE = b"<!DOCTYPE html><html>" + b"x" * 3000


def frame(kind: int, stream: int, data: bytes = b"", flags: int = 0) -> bytes:
    return len(data).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + data


class Peer:
    """One side's frames, with a header table of its own."""

    def __init__(self) -> None:
        self.encoder = hpack.Encoder()

    def block(self, **headers: str) -> bytes:
        pairs = [(name.replace("__", ":").replace("_", "-"), v) for name, v in headers.items()]
        return self.encoder.encode(pairs)

    def head(self, stream: int, *, end: bool = True, **headers: str) -> bytes:
        return frame(HEADERS, stream, self.block(**headers), 4 | end)


def request(peer: Peer, stream: int, path: str = "/a/page.html?q=1") -> bytes:
    return peer.head(
        stream, __method="GET", __scheme="http", __authority="www.example.org:8080", __path=path,
        user_agent="curl/8", referer="http://r.example/", authorization="Basic dXNlcjpzZWNyZXQ=",
    )  # fmt: skip


def conversation() -> Said:
    client, server = Peer(), Peer()
    post = client.head(
        3, end=False, __method="POST", __scheme="http", __authority="www.example.org",
        __path="/upload/report.bin", content_type="application/octet-stream",
    )  # fmt: skip
    return [
        (0, PREFACE + frame(SETTINGS, 0, b"\0\1\0\0\x10\0\0\3\0\0\0\x64")),
        (1, frame(SETTINGS, 0, b"\0\3\0\0\0\x64") + frame(SETTINGS, 0, b"", 1)),
        (0, frame(WINDOW, 0, b"\0\0\xff\xff") + request(client, 1) + post),
        (0, frame(DATA, 3, b"MZ" + b"\0" * 500) + frame(PING, 0, b"p" * 8)),
        (1, server.head(1, end=False, __status="103", link="</x>")),
        (
            1,
            server.head(
                1,
                end=False,
                __status="200",
                content_type="text/plain; charset=utf-8",
                server="nginx",
            ),
        ),
        (1, frame(DATA, 1, b"\x05" + PAGE[:100] + b"\0" * 5, 8)),
        (0, frame(DATA, 3, b"\0" * 98, 1)),
        (1, server.head(3, __status="201", location="/upload/1")),
        (1, frame(DATA, 1, PAGE[100:])),
        (1, server.head(1, trailer="1")),
        (1, frame(AWAY, 0, bytes(8))),
    ]


def http(played: Played) -> list[dict[str, object]]:
    left_out = {"event.id", "@timestamp"}
    return [{k: v for k, v in e.items() if k not in left_out} for e in played.of("http")]


@pytest.mark.parametrize("piece", [0, 1, 7])
def test_streams_that_cross(piece: int) -> None:
    played = play(PROTOCOL, conversation(), FLOW, piece=piece)
    post, get = sorted(played.of("http"), key=lambda event: event["http.response.status_code"])[
        ::-1
    ]
    assert get["http.version"] == "2"
    assert get["http.request.method"] == "GET"
    assert get["url.full"] == "http://www.example.org:8080/a/page.html?q=1"
    assert (get["url.path"], get["url.query"], get["url.extension"]) == (
        "/a/page.html",
        "q=1",
        "html",
    )
    assert get["url.domain"] == get["destination.domain"] == "www.example.org"
    assert get["user.name"] == "user"
    assert get["user_agent.original"] == "curl/8"
    assert get["http.request.headers.names"] == ["user-agent", "referer", "authorization"]
    assert get["http.response.status_code"] == 200
    assert get["http.response.mime_type"] == "text/html"
    assert get["http.response.headers.content_type"] == "text/plain; charset=utf-8"
    assert get["http.response.body.bytes"] == len(PAGE)
    assert get["http.stream_id"] == 1
    assert post["http.request.body.bytes"] == 600
    assert post["http.response.headers.location"] == "/upload/1"
    assert post["http.response.body.bytes"] == 0
    files = {event["file.name"]: event for event in played.of("files")}
    assert files["page.html"]["file.hash.sha256"] == hashlib.sha256(PAGE).hexdigest()
    assert files["page.html"]["source.ip"] == FLOW.destination
    assert files["report.bin"]["file.size"] == 600
    assert files["report.bin"]["source.ip"] == FLOW.source
    assert "secret" not in str(played.events)


def test_an_inflated_body_and_one_that_is_cut() -> None:
    client, server = Peer(), Peer()
    packed = gzip.compress(PAGE)
    said = [
        (0, PREFACE + request(client, 1) + request(client, 3, "/b.html")),
        (1, server.head(1, end=False, __status="200", content_encoding="gzip")),
        (1, frame(DATA, 1, packed, 1)),
        (
            1,
            server.head(3, end=False, __status="200", content_length="5000") + frame(DATA, 3, PAGE),
        ),
    ]
    played = play(PROTOCOL, said, FLOW)
    whole, cut = played.of("files")
    assert whole["file.hash.sha256"] == hashlib.sha256(PAGE).hexdigest()
    assert cut["fengsui.parse"] == "cut"
    assert "file.hash.sha256" not in cut
    assert [event["http.response.body.bytes"] for event in played.of("http")] == [
        len(packed),
        len(PAGE),
    ]


def test_headers_that_go_on_in_the_next_frame() -> None:
    client = Peer()
    block = client.block(__method="GET", __path="/", __scheme="http", __authority="a.example")
    said = [
        (0, PREFACE + frame(HEADERS, 1, b"\x03\0\0\0\0\x10" + block[:5] + b"\0" * 3, 0x29)),
        (0, frame(MORE, 1, block[5:9]) + frame(MORE, 1, block[9:], 4)),
    ]
    event = play(PROTOCOL, said, FLOW).of("http")[0]
    assert event["url.full"] == "http://a.example/"


def test_a_promised_answer_and_a_reset() -> None:
    client, server = Peer(), Peer()
    promised = server.block(__method="GET", __path="/style.css", __scheme="http", __authority="a")
    said = [
        (0, PREFACE + request(client, 1)),
        (1, frame(PROMISE, 1, b"\0\0\0\2" + promised, 4)),
        (1, server.head(2, end=False, __status="200") + frame(DATA, 2, b"p{}", 1)),
        (0, frame(RESET, 1, b"\0\0\0\x08")),
    ]
    css, gone = play(PROTOCOL, said, FLOW).of("http")
    assert css["url.path"] == "/style.css"
    assert css["http.response.body.bytes"] == 3
    assert css["source.ip"] == FLOW.source
    assert gone["url.path"] == "/a/page.html"
    assert "http.response.status_code" not in gone


def test_one_side_alone() -> None:
    said = conversation()
    client = play(PROTOCOL, [one for one in said if one[0] == 0], FLOW).of("http")
    assert {event["http.request.method"] for event in client} == {"GET", "POST"}
    server = play(PROTOCOL, [one for one in said if one[0] == 1], FLOW).of("http")
    assert {event["http.response.status_code"] for event in server} == {200, 201}
    assert all(event["source.ip"] == FLOW.source for event in server)


def test_a_capture_that_begins_behind_the_header_table() -> None:
    client, server = Peer(), Peer()
    request(client, 1)
    server.head(1, __status="200", server="nginx", x="a longer value of its own")
    said = [
        (0, request(client, 3)),
        (1, server.head(3, end=False, server="nginx", x="a longer value of its own")),
        (1, frame(DATA, 3, PAGE, 1)),
    ]
    played = play(PROTOCOL, said, FLOW)
    assert played.losses == {"http2.headers_not_decoded": 2}
    assert played.of("files")[0]["file.size"] == len(PAGE)


def test_recognition() -> None:
    said = conversation()
    assert recognises(said[0][1], 0, FLOW)
    assert recognises(said[1][1], 1, FLOW)
    for data in (
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        bytes(60),
        b"\0\0\7" + said[1][1][3:],
        b"\xff" * 40,
    ):
        assert not recognises(data, 0, FLOW)


@given(st.integers(1, 60))
def test_cutting_the_stream_changes_nothing(piece: int) -> None:
    said = conversation()
    assert http(play(PROTOCOL, said, FLOW, piece=piece)) == http(play(PROTOCOL, said, FLOW))


@given(st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=200)), max_size=6))
def test_random_bytes(said: Said) -> None:
    play(PROTOCOL, said, FLOW)
    play(PROTOCOL, [(0, PREFACE), *said], FLOW)


_kinds = st.tuples(
    st.integers(0, 1),
    st.builds(
        frame, st.integers(0, 9), st.integers(0, 5), st.binary(max_size=60), st.integers(0, 63)
    ),
)


@given(st.lists(_kinds, max_size=12))
def test_random_frames(said: Said) -> None:
    played = play(PROTOCOL, said, FLOW)
    assert not played.losses.get("http2.parser_error")


@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 900), st.integers(0, 255)), max_size=9)
)
def test_damaged_conversations(changes: list[tuple[int, int, int]]) -> None:
    said = [(side, bytearray(data)) for side, data in conversation()]
    for which, at, value in changes:
        data = said[which % len(said)][1]
        data[at % len(data)] = value
    played = play(PROTOCOL, [(side, bytes(data)) for side, data in said], FLOW)
    assert not played.losses.get("http2.parser_error")
