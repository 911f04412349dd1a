"""FTP: log-ins, commands on files with their URL, data channels and what goes over them."""

from __future__ import annotations

import hashlib

import pytest

from fengsui.loss import Losses
from sensors.protocols import ftp, ftp_data
from sensors.sessions import Sessions
from sensors.wire.ftp_channel import delimited, joined, numbered, quoted
from tests.sensors.protocols.conversations import FTP, Said, lines
from tests.sensors.protocols.playing import START, a_flow, checked, common_of, play

FLOW = a_flow(21)
SHELF = [ftp.PROTOCOL, ftp_data.PROTOCOL]


def test_commands_and_their_last_reply() -> None:
    events = play(ftp.PROTOCOL, FTP, FLOW).events
    assert [event["ftp.command"] for event in events] == [
        "PASS",
        "PASV",
        "RETR",
        "DELE",
        "EPRT",
        "STOR",
    ]
    retrieved = events[2]
    assert retrieved["ftp.arg"] == "ftp://198.51.100.20/pub/a.txt"
    assert (retrieved["ftp.reply_code"], retrieved["ftp.file_size"]) == (226, 39)
    assert events[3]["event.outcome"] == "failure"
    assert "event.outcome" not in events[5]
    assert {event["user.name"] for event in events} == {"alice"}
    assert "hunter2" not in str(events)


def test_the_data_channel_both_ways() -> None:
    _, passive, _, _, active, _ = play(ftp.PROTOCOL, FTP, FLOW).events
    assert passive["ftp.data_channel.passive"] is True
    assert (passive["ftp.data_channel.resp_h"], passive["ftp.data_channel.resp_p"]) == (
        "198.51.100.20",
        5001,
    )
    assert active["ftp.data_channel.passive"] is False
    assert (active["ftp.data_channel.resp_h"], active["ftp.data_channel.resp_p"]) == (
        "192.0.2.10",
        4242,
    )


def test_data_carries_the_name_of_its_command() -> None:
    sessions = Sessions({one.name: one for one in SHELF}, Losses())
    sessions.begin(1, FLOW, common_of(FLOW), "C1", "ftp")
    for side, data in FTP[:9]:
        sessions.data(1, side, data, START)
    channel = a_flow(5001)
    sessions.begin(2, channel, common_of(channel), "C2")  # opened before the command comes
    sessions.data(1, *FTP[9], START)
    sessions.data(2, 1, b"hello ", START)
    sessions.data(2, 1, b"world", START)
    sessions.end_all()
    (carried,) = [event for event in checked(sessions, SHELF) if event["event.dataset"] == "files"]
    assert carried["file.name"] == "a.txt"
    assert carried["file.hash.md5"] == hashlib.md5(b"hello world").hexdigest()
    assert carried["source.ip"] == FLOW.destination
    assert carried["network.protocol"] == "ftp_data"


def test_pipelined_commands() -> None:
    said: Said = [
        (1, lines("220 FTP")), (0, lines("USER a", "PASS b", "DELE x", "DELE y")),
        (1, lines("331 p", "230 in", "250 gone", "550 no")),
    ]  # fmt: skip
    events = play(ftp.PROTOCOL, said, FLOW).events
    assert [(e["ftp.command"], e["ftp.reply_code"]) for e in events] == [
        ("PASS", 230),
        ("DELE", 250),
        ("DELE", 550),
    ]


def test_tls() -> None:
    said: Said = [
        (1, lines("220 FTP")),
        (0, lines("AUTH TLS")),
        (1, lines("234 go")),
        (0, b"\x16\x03\x01"),
    ]
    (event,) = play(ftp.PROTOCOL, said, FLOW).events
    assert (event["ftp.command"], event["ftp.arg"]) == ("AUTH", "TLS")


def test_a_conversation_met_in_the_middle() -> None:
    said: Said = [
        (0, lines("DELE x")),
        (1, lines("250 gone")),
        (0, lines("DELE y")),
        (1, lines("550 no")),
    ]
    events = play(ftp.PROTOCOL, said, FLOW).events
    assert [event["ftp.reply_code"] for event in events] == [250, 550]


@pytest.mark.parametrize(
    ("folder", "name", "path"),
    [
        (".", "robots.txt", "./robots.txt"),
        ("/pub", "a/../b", "/pub/b"),
        ("/pub", "../x", "/x"),
        ("/pub//", "./x", "/pub/x"),
        ("/a", "/b//c", "/b/c"),
    ],
)
def test_paths(folder: str, name: str, path: str) -> None:
    assert joined(folder, name) == path


def test_places() -> None:
    assert numbered(b"1,2,3,4,1,2") == ("1.2.3.4", 258)
    assert numbered(b"1,2,3,400,1,2") is None
    assert delimited(b"Entering (|||6446|)") == ("", 6446)
    assert delimited(b"|2|2001:db8::1|5282|") == ("2001:db8::1", 5282)
    assert delimited(b"|1|nowhere|5282|") is None
    assert delimited(b"") is None
    assert quoted(b'257 "/a""b" is here') == b'/a"b'
