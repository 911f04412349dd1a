"""SMB2 that compiled code takes: the same events as from the parser alone, and fewer calls of it."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.sessions import FlowContext
from tests.sensors.packet.frames import MS, Connection, sense
from tests.sensors.protocols import smb_words as words
from tests.sensors.protocols.smb_words import session

FIND, GET_INFO = 14, 16
RELATED = 4
SAME = b"\xff" * 16
MISSING, NO_MORE = 0xC0000034, 0x80000006
NAMES = ("a.txt", "", 'dir\\b "c".doc', "\\up", "区政府\\预算.xlsx", "p\U0001f4c4.pdf", "x" * 300)


def compound(*messages: bytes) -> bytes:
    """Messages in one, each at a multiple of eight."""
    made = b""
    for message in messages[:-1]:
        padded = message + bytes(-len(message) % 8)
        made += padded[:20] + struct.pack("<I", len(padded)) + padded[24:]
    return made + messages[-1]


def find(mid: int, flags: int = 0) -> bytes:
    return words.smb2(
        FIND,
        struct.pack("<HBBI16sHHI", 33, 37, 0, 0, SAME, 96, 2, 65536) + b"*\0",
        mid,
        flags=flags,
    )


def found(mid: int, size: int = 80, status: int = 0, **more: int) -> bytes:
    body = struct.pack("<HHI", 9, 72, size) + b"\xfeSMB" + b"f" * size
    return words.smb2(FIND, body, mid, answer=True, status=status, **more)


def info(mid: int, flags: int = 0) -> bytes:
    return words.smb2(
        GET_INFO, struct.pack("<HBBIHHIII16s", 41, 1, 5, 0, 0, 0, 0, 0, 0, SAME), mid, flags=flags
    )


def informed(mid: int, **more: int) -> bytes:
    return words.smb2(
        GET_INFO, struct.pack("<HHI", 9, 72, 24) + bytes(24), mid, answer=True, **more
    )


class Browsing:
    """A client on a share, whose parser has told of it."""

    def __init__(self) -> None:
        self.to = Connection(445).open()
        self.mid = 3
        self.size = 1400
        self.files = 0
        self.late: list[Callable[[], None]] = []
        for side, message in (
            (0, words.negotiate()),
            (1, words.negotiated()),
            (0, words.tree_connect("\\\\SRV\\数据", 3)),
            (1, words.tree_connected(1, 3)),
        ):
            self.say(side, message)
        self.pause()

    def say(self, side: int, *messages: bytes) -> None:
        self.to.say(side, b"".join(map(session, messages)), self.size)

    def pause(self) -> None:
        """A batch ends: what the parser knows is told."""
        self.to.time += 11_000 * MS
        self.to.say(0, session(words.smb2(13, b"\4\0\0\0", self.next(), tree=0)))
        self.to.say(1, session(words.smb2(13, b"\4\0\0\0", self.mid, answer=True, tree=0)))

    def next(self) -> int:
        self.mid += 1
        return self.mid

    def key(self) -> bytes:
        self.files += 1
        return struct.pack("<QQ", self.files, 0xFFFFFFFF00000001)

    def answer(self, message: bytes, *, later: bool) -> None:
        if later:
            self.late.append(lambda: self.say(1, message))
        else:
            self.say(1, message)

    def open(self, name: str, *, status: int = 0, later: bool = False, options: int = 0) -> bytes:
        mid, key = self.next(), self.key()
        self.say(0, words.create(name, mid, options=options, disposition=self.files % 7))
        if status:
            self.answer(words.smb2(5, bytes(9), mid, answer=True, status=status), later=later)
        else:
            times = words.FILETIME + self.files * 10_000_000 if self.files % 3 else 0
            self.answer(words.created(mid, 12, key, times=times), later=later)
        return key

    def close(self, key: bytes, *, later: bool = False) -> None:
        mid = self.next()
        self.say(0, words.close(mid, key))
        self.answer(words.closed(mid), later=later)

    def browse(self, name: str, size: int, *, fails: bool = False) -> None:
        """Open, ask, list and close, all in one message."""
        one, two, three, four = (self.next() for _ in range(4))
        key = self.key()
        self.say(
            0,
            compound(
                words.create(name, one, options=1),
                info(two, flags=RELATED),
                find(three, flags=RELATED),
                words.close(four, SAME, flags=RELATED),
            ),
        )
        status = MISSING if fails else 0
        first = words.created(one, 0, key, times=words.FILETIME + self.files * 10_000_000)
        if fails:
            first = words.smb2(5, bytes(9), one, answer=True, status=MISSING)
        more = {"status": status, "flags": RELATED}
        self.say(
            1,
            compound(
                first, informed(two, **more), found(three, size, **more), words.closed(four, **more)
            ),
        )

    def list(self, size: int) -> None:
        one, two = self.next(), self.next()
        self.say(0, compound(find(one), find(two, flags=RELATED)))
        self.say(1, compound(found(one, size), found(two, 1, NO_MORE, flags=RELATED)))

    def finish(self) -> bytes:
        for say in self.late:
            say()
        return self.to.close().pcap()


def events(capture: bytes, *left_out: str) -> tuple[Counter[bytes], int]:
    """Events without their ids and what is left out, and how often the parser was called."""
    calls = 0
    feed = FlowContext.feed

    def counting(self: FlowContext, side: int, data: bytes, time: int) -> None:
        nonlocal calls
        calls += 1
        feed(self, side, data, time)

    with patch.object(FlowContext, "feed", counting):
        seen = sense(capture)
    kinds = ("smb", "smb_files", "smb_mapping", "files", "flow")
    told = [one for kind in kinds for one in seen.of(kind)]
    for one in told:
        for name in ("event.id", *left_out):
            one.pop(name, None)
    assert "smb.parser_error" not in seen.summary.losses.as_json()
    return Counter(orjson.dumps(one, option=orjson.OPT_SORT_KEYS) for one in told), calls


def both(capture: bytes, *left_out: str) -> tuple[int, int]:
    """The same events with compiled code and without; calls of the parser with and without."""
    mine, few = events(capture, *left_out)
    with patch("sensors.packet.receiving.tell_shares"):
        plain, many = events(capture, *left_out)
    assert mine == plain
    return few, many


def test_a_client_that_browses_does_not_reach_the_parser() -> None:
    client = Browsing()
    for number in range(60):
        client.close(client.open(f"file {number}.txt"))
        client.browse(f"folder {number}", 200)
        client.list(900)
    few, many = both(client.finish())
    assert few < 30
    assert many > 300


def test_what_is_done_with_a_file_reaches_the_parser_with_the_file() -> None:
    client = Browsing()
    read, written, renamed, left = (client.open(name) for name in ("r", "w", "n", "left"))
    one, two, three = client.next(), client.next(), client.next()
    client.say(0, words.read(0, 100, one, key=read), words.write(b"w" * 40, 0, two, key=written))
    client.say(1, words.was_read(b"hello world", one), words.written(40, two))
    client.say(0, words.set_info(10, words.rename_to("new name"), three, key=renamed))
    client.say(1, words.was_set(three))
    for key in (read, written, renamed):
        client.close(key)
    client.open("never answered", later=True)
    client.late.clear()
    assert left
    capture = client.finish()
    both(capture)
    seen = sense(capture)
    assert {one["file.name"] for one in seen.of("files")} == {"r", "w"}
    (change,) = [one for one in seen.of("smb") if "smb.rename.to" in one]
    assert change["smb.rename.from"] == "n"


def test_the_same_opening_is_reported_once_in_three_minutes() -> None:
    client = Browsing()
    for minutes in (0, 1, 2, 6):
        client.to.time = Connection(445).time + 30_000 * MS + minutes * 60_000 * MS
        mid = client.next()
        client.say(0, words.create("again", mid))
        client.say(1, words.created(mid, 5))
        client.close(words.FILE)
    seen = sense(client.finish())
    assert len(seen.of("smb_files")) == 2


def test_a_new_session_or_share_takes_the_word_back() -> None:
    client = Browsing()
    kept = client.open("kept")
    mid = client.next()
    client.say(0, words.smb2(4, b"\4\0\0\0", mid))
    client.say(1, words.smb2(4, b"\4\0\0\0", mid, answer=True))
    client.list(10)
    mid = client.next()
    client.say(0, words.tree_connect("\\\\SRV\\other", mid))
    client.say(1, words.tree_connected(1, mid))
    client.pause()
    client.close(client.open("there"))
    client.close(kept)
    capture = client.finish()
    both(capture)
    assert {one["smb.path"] for one in sense(capture).of("smb_files")} == {
        "\\\\SRV\\数据",
        "\\\\SRV\\other",
    }


@pytest.mark.parametrize("lost", [10, 100, 5000])
def test_after_lost_bytes_messages_are_found_again(lost: int) -> None:
    client = Browsing()
    client.close(client.open("before"))
    client.to.skip(0, lost)
    for number in range(20):
        client.close(client.open(f"behind {number}"))
    client.pause()
    for number in range(20):
        client.close(client.open(f"later {number}"))
    seen = sense(client.finish())
    names = {one["file.name"] for one in seen.of("smb_files")}
    assert names >= {f"later {number}" for number in range(20)}
    assert names >= {f"behind {number}" for number in range(1, 20)}


def test_smb_alone_has_what_begins_as_a_netbios_session() -> None:
    name = b"\x20" + b"CK" * 16 + b"\0"
    to = Connection(139).open()
    to.say(0, b"\x81\0" + (2 * len(name)).to_bytes(2, "big") + name * 2)
    to.say(1, b"\x82\0\0\0")
    to.say(0, session(words.negotiate()))
    to.say(1, session(words.negotiated()))
    for number in range(30):  # more than is glanced at
        to.say(0, session(find(number + 4)))
        to.say(1, session(found(number + 4)))
    capture = to.close().pcap()
    alone = sense(capture, datasets=frozenset({"smb"}))
    assert alone.of("smb") == sense(capture).of("smb")
    assert len(alone.events) == 31


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.sampled_from(NAMES), st.sampled_from([0, 0, MISSING, 0x12345])),
        st.tuples(st.just("browse"), st.sampled_from(NAMES), st.sampled_from([0, 50, 3000])),
        st.tuples(st.just("list"), st.sampled_from([0, 100, 9000]), st.none()),
        st.tuples(st.just("close"), st.integers(0, 30), st.booleans()),
        st.tuples(st.just("read"), st.integers(0, 30), st.booleans()),
        st.tuples(st.just("pause"), st.none(), st.none()),
        st.tuples(st.just("size"), st.sampled_from([7, 60, 118, 400, 1400]), st.none()),
        st.tuples(st.just("cut"), st.sampled_from(NAMES), st.booleans()),
    ),
    max_size=25,
)  # fmt: skip


def play(steps: list[tuple[Any, ...]]) -> bytes:
    client = Browsing()
    keys: list[bytes] = []
    for what, one, two in steps:
        if what == "open":
            key = client.open(one, status=two)
            if not two:
                keys.append(key)
        elif what == "browse":
            client.browse(one, two, fails=two == 50)
        elif what == "list":
            client.list(one)
        elif what == "close" and keys:
            client.close(keys.pop(one % len(keys)), later=two)
        elif what == "read" and keys:
            mid = client.next()
            client.say(0, words.read(0, 12, mid, key=keys[one % len(keys)]))
            client.answer(words.was_read(b"some content", mid), later=two)
        elif what == "pause":
            client.pause()
        elif what == "size":
            client.size = one
        elif what == "cut":
            mid = client.next()
            client.say(0, words.create(one, mid)[: -1 if two else -20])
    return client.finish()


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_any_conversation_has_the_same_events(steps: list[tuple[Any, ...]]) -> None:
    # Of an answer in pieces the parser takes the time of the last one, compiled code that of its header.
    both(play(steps), "event.duration")
