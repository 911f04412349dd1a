from __future__ import annotations

import gzip
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.files.bodies import MOST_OPEN, HttpBodies
from sensors.files.multipart import MOST_PARTS, MultipartFiles, boundary_of
from sensors.files.names import disposition_name, url_name
from tests.sensors.files.receiving import Counted, Events, Received

FORM = (
    b"preamble, ignored\r\n"
    b'--xYz\r\nContent-Disposition: form-data; name="password"\r\n\r\nsecret\r\n'
    b'--xYz\r\nContent-Disposition: form-data; name="f"; filename="C:\\tmp\\\xe6\x8a\xa5.exe"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\nMZ\r\n--xY not it\r\n--xYzz\r\n\0\r\n"
    b'--xYz \r\nContent-Disposition: form-data; name="g"; filename="empty.txt"\r\n\r\n\r\n'
    b"--xYz\r\nContent-Type: text/plain\r\n\r\nno name\r\n--xYz--\r\nepilogue --xYz"
)
PARTS = [
    ("报.exe", b"MZ\r\n--xY not it\r\n--xYzz\r\n\0"),
    ("empty.txt", b""),
    ("", b"no name"),
]


def taken_apart(body: bytes, piece: int, boundary: bytes = b"xYz") -> list[Received]:
    made: list[Received] = []

    def make(name: str) -> Received:
        made.append(Received(name))
        return made[-1]

    parts = MultipartFiles(boundary, make, Counted())
    for at in range(0, len(body), piece):
        parts.write(body[at : at + piece])
    parts.end(9)
    assert all(one.ended == 1 for one in made)
    return made


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 50, 10_000])
@pytest.mark.parametrize("ends", [b"\r\n", b"\n"])
def test_the_files_of_a_form(piece: int, ends: bytes) -> None:
    made = taken_apart(FORM.replace(b"\r\n", ends), piece)
    expected = [(name, data.replace(b"\r\n", ends)) for name, data in PARTS]
    assert [(one.name, one.data) for one in made] == expected
    assert not any(one.is_cut for one in made)


@given(st.integers(0, len(FORM)), st.integers(1, 40))
def test_a_form_that_ends_early_leaves_what_was_whole(end: int, piece: int) -> None:
    whole = taken_apart(FORM[:end], 10_000)
    made = taken_apart(FORM[:end], piece)
    assert [(m.name, m.data, m.is_cut) for m in made] == [(m.name, m.data, m.is_cut) for m in whole]


@given(
    st.lists(st.sampled_from([b"--xYz", b"\r\n", b"\n", b"\r", b"--", b"a:b", b"x"]), max_size=60)
)
def test_any_order_of_marks_is_the_same_in_any_pieces(words: list[bytes]) -> None:
    body = b"".join(words).replace(b"a:b", b"Content-Type: t")
    seen = [[(m.name, m.data, m.is_cut) for m in taken_apart(body, n)] for n in (1, 3, 10_000)]
    assert seen[0] == seen[1] == seen[2]


def test_parts_and_heads_are_bounded() -> None:
    lost = Counted()
    made: list[Received] = []

    def make(name: str) -> Received:
        made.append(Received(name))
        return made[-1]

    parts = MultipartFiles(b"b", make, lost)
    for _ in range(MOST_PARTS + 5):
        parts.write(b"--b\r\nContent-Type: t\r\n\r\nx\r\n")
    parts.write(b"--b\r\n" + b"h" * 100_000)
    parts.end(1)
    assert len(made) == MOST_PARTS
    assert lost.counts == {"multipart_part_left_out": 5, "multipart_head_too_long": 1}


@pytest.mark.parametrize(
    ("header", "boundary"),
    [
        ("multipart/form-data; boundary=xYz", b"xYz"),
        ('Multipart/mixed; charset=x; boundary="a b"', b"a b"),
        ("text/html; boundary=x", b""),
        ("multipart/mixed", b""),
    ],
)
def test_boundaries(header: str, boundary: bytes) -> None:
    assert boundary_of(header) == boundary


def body_events(pieces: list[bytes], end: int = 300, **how: object) -> list[dict[str, object]]:
    events, lost = Events(), Counted()
    bodies = HttpBodies(events.of_body, lost)
    bodies.begin("k", 1, 100, **how)  # type: ignore[arg-type]
    for piece in pieces:
        bodies.data("k", piece)
    bodies.end("k", end)
    bodies.end("k", 400)
    bodies.data("k", b"late")
    assert len(bodies) == 0
    return events.all


def test_a_response_is_inflated_and_named() -> None:
    page = b"<!DOCTYPE html><html></html>"
    packed = gzip.compress(page)
    (event,) = body_events(
        [packed[:9], packed[9:]], encoding="gzip", url="/a/%E6%8A%A5.html?q=/x", size=len(packed)
    )
    assert event["key"] == ("k", 1)
    assert event["file.name"] == "报.html"
    assert event["file.size"] == len(page)
    assert event["file.mime_type"] == "text/html"
    assert event["file.hash.sha256"] == hashlib.sha256(page).hexdigest()
    assert event["event.duration"] == 200
    assert "file.size_declared" not in event


def test_the_files_of_an_upload_are_events() -> None:
    events = body_events([FORM], content_type="multipart/form-data; boundary=xYz", size=len(FORM))
    assert [event.get("file.name") for event in events] == ["报.exe", None]
    assert events[0]["file.mime_type"] == "application/x-dosexec"


def test_a_gap_and_an_end_not_seen_are_said() -> None:
    events, lost = Events(), Counted()
    bodies = HttpBodies(events.of_body, lost)
    bodies.begin(1, 0, 100, name="C:/a.bin", url="/x")
    bodies.data(1, b"abc")
    bodies.gap(1, 50)
    bodies.end(1, 200)
    bodies.begin(2, 0, 100)
    bodies.data(2, b"abc")
    bodies.end(2, 200, whole=False)
    assert [event["fengsui.parse"] for event in events.all] == ["cut", "cut"]
    assert events.all[0]["file.missing_bytes"] == 50
    assert events.all[0]["file.name"] == "a.bin"


_PIECES = st.sampled_from(
    [FORM[:90], FORM, gzip.compress(b"<html></html>"), b"MZ", b"", b"x" * 40_000]
)
_ABOUT = st.fixed_dictionaries(
    {},
    optional={
        "encoding": st.sampled_from(["gzip", "br", "x"]),
        "content_type": st.just("multipart/form-data; boundary=xYz"),
        "name": st.sampled_from(["a.exe", "b"]),
        "url": st.just("/c/d.txt"),
        "size": st.sampled_from([2, 50]),
    },
)


@given(st.lists(st.tuples(st.lists(_PIECES, max_size=3), _ABOUT, st.integers(0, 9)), max_size=6))
def test_bodies_seen_before_leave_what_new_ones_do(
    told: list[tuple[list[bytes], dict[str, object], int]],
) -> None:
    """One memory for all, and each body twice, against a new memory for each."""
    events, lost = Events(), Counted()
    bodies = HttpBodies(events.of_body, lost)
    alone: list[dict[str, object]] = []
    for pieces, about, later in told * 2:
        bodies.begin("k", 1, 100, **about)  # type: ignore[arg-type]
        for piece in pieces:
            bodies.data("k", piece)
        bodies.end("k", 300 + later)
        alone += body_events(pieces, end=300 + later, **about)
    assert [list(one.items()) for one in events.all] == [list(one.items()) for one in alone]


def test_what_is_open_is_bounded() -> None:
    events, lost = Events(), Counted()
    bodies = HttpBodies(events.of_body, lost)
    for key in range(MOST_OPEN + 10):
        bodies.begin(key, 1, key)
        bodies.data(key, b"some")
    assert len(bodies) == MOST_OPEN
    assert lost.counts == {"http.body_evicted": 10}
    assert len(events.all) == 10
    bodies.end_all(1)
    assert len(events.all) == MOST_OPEN + 10
    for key in range(70):
        bodies.begin(key, 1, key, encoding="br")
    assert lost.counts["http.inflation_busy"] == 6


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="a b.txt"', "a b.txt"),
        ("attachment; filename=a.txt; size=3", "a.txt"),
        ("attachment; filename=\"x.txt\"; filename*=UTF-8''%E6%8A%A5%20.txt", "报 .txt"),
        ("attachment; filename*=GBK''%B1%A8.doc", "报.doc"),
        ("attachment; filename*=nonsense''%B1%A8.doc", "报.doc"),
        ('form-data; name="x"; filename="C:\\dir\\a\\"b.txt"', 'a"b.txt'),
        ("inline", ""),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="a\tb\x1b.txt"', "ab.txt"),
    ],
)
def test_names_of_content_disposition(header: str, name: str) -> None:
    assert disposition_name(header) == name


@pytest.mark.parametrize(
    ("path", "name"),
    [("/a/b.js?v=1", "b.js"), ("/", ""), ("", ""), ("/a/%2e%2e%2fx", "x"), ("http://h/x#y", "x")],
)
def test_names_of_urls(path: str, name: str) -> None:
    assert url_name(path) == name


@pytest.mark.parametrize("piece", [1, 7, 4096])
def test_a_boundary_other_than_the_one_announced_is_believed(piece: int) -> None:
    form = b"".join(
        b"-----hidden\r\nContent-Disposition: form-data; name=f; filename=%s\r\n\r\n%s\r\n" % part
        for part in ((b"a.asp", b"<% one %>"), (b"b.txt", b"two"))
    )
    form += b"-----hidden--\r\n"
    pieces = [form[at : at + piece] for at in range(0, len(form), piece)]
    events = body_events(pieces, content_type="multipart/form-data; boundary=other")
    assert [event["file.name"] for event in events] == ["a.asp", "b.txt"]
    assert events[1]["file.hash.sha256"] == hashlib.sha256(b"two").hexdigest()
