"""Reads of SMB2 from which nothing is learned are left out, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from sensors.sessions import FlowContext
from tests.sensors.packet.frames import MS, Connection, sense
from tests.sensors.protocols import smb_words as words
from tests.sensors.protocols.smb_words import session

OTHER = b"\x77" * 16
DATA = b"plain words in a file" * 3
ENOUGH = 6  # reads that are answered before the parser is asked about their file


@pytest.fixture
def fed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of what the parsers were given."""
    sizes: list[int] = []
    feed = FlowContext.feed

    def counting(self: FlowContext, side: int, data: bytes, time: int) -> None:
        sizes.append(len(data))
        feed(self, side, data, time)

    monkeypatch.setattr(FlowContext, "feed", counting)
    return sizes


def say(to: Connection, side: int, message: bytes) -> None:
    to.send(side, "PA", session(message))


def pipe() -> Connection:
    """A pipe was opened and said something that is no DCE/RPC; then a batch ends."""
    to = Connection(445).open()
    say(to, 0, words.negotiate())
    say(to, 1, words.negotiated())
    say(to, 0, words.tree_connect("\\\\SRV\\IPC$", 3))
    say(to, 1, words.tree_connected(2, 3))
    say(to, 0, words.create("psexecsvc", 4))
    say(to, 1, words.created(4))
    ask(to, 5)
    ask(to, 6)
    to.time += 11_000 * MS
    ask(to, 7)
    return to


def ask(to: Connection, number: int, *, pending: bool = False, size: int = 30) -> None:
    say(to, 0, words.read(0, 1024, number))
    if pending:
        say(to, 1, words.was_read(b"", number, 0x103))
    say(to, 1, words.was_read(b"p" * size, number))


def of_smb(to: Connection) -> list[dict[str, Any]]:
    found = sense(to.close().pcap())
    return [*found.of("smb"), *found.of("smb_files"), *found.of("files")]


def test_reads_of_a_pipe_that_tells_nothing_do_not_reach_the_parser(fed: list[int]) -> None:
    few = of_smb(pipe())
    before = len(fed)
    fed.clear()
    many = pipe()
    for number in range(8, 508):
        ask(many, number, pending=number % 5 == 0)
    assert [one["smb.command"] for one in of_smb(many)[:4]] == [
        one["smb.command"] for one in few[:4]
    ]
    assert len(fed) == before


def test_the_word_is_taken_back_when_an_id_may_mean_another_file(fed: list[int]) -> None:
    to = pipe()
    say(to, 0, words.close(8))
    say(to, 1, words.closed(8))
    say(to, 0, words.tree_connect("\\\\SRV\\data", 9))
    say(to, 1, words.tree_connected(1, 9, tree=6))
    say(to, 0, words.create("a.txt", 10, tree=6))
    say(to, 1, words.created(10, len(DATA), tree=6))
    say(to, 0, words.read(0, 1024, 11))
    say(to, 1, words.was_read(DATA, 11))
    found = of_smb(to)
    (file,) = [one for one in found if one["event.dataset"] == "files"]
    assert file["file.size"] == len(DATA)
    assert file["file.name"] == "a.txt"
    assert fed


def test_reads_of_other_files_and_in_pieces_go_on_to_the_parser(fed: list[int]) -> None:
    to = pipe()
    of_smb(pipe())
    before = len(fed)
    fed.clear()
    say(to, 0, words.read(0, 1024, 8, key=OTHER))
    say(to, 1, words.was_read(b"x", 8))
    to.say(0, session(words.read(0, 1024, 9, key=OTHER)), 50)
    of_smb(to)
    assert len(fed) == before + 3  # pieces that are too small to tell go together


def test_after_lost_bytes_nothing_is_left_out_until_the_parser_says_so_again(
    fed: list[int],
) -> None:
    def heard(lost: bool) -> int:
        fed.clear()
        to = pipe()
        if lost:
            to.skip(0, 100)
        for number in range(20, 40):
            ask(to, number)
        of_smb(to)
        return len(fed)

    assert heard(lost=True) >= heard(lost=False) + 2 * ENOUGH


def test_a_burst_within_a_batch_is_asked_about(fed: list[int]) -> None:
    few, many = pipe(), pipe()
    for to, count in ((few, 20), (many, 500)):
        to.time -= 11_000 * MS - 10  # all of it is one batch
        for number in range(8, 8 + count):
            ask(to, number)
    of_smb(few)
    heard = len(fed)
    fed.clear()
    of_smb(many)
    assert len(fed) == heard
