"""IRC: what Zeek logs, and files offered by DCC."""

from __future__ import annotations

from fengsui.loss import Losses
from sensors.protocols import irc, irc_data
from sensors.sessions import Sessions
from tests.sensors.protocols.conversations import IRC
from tests.sensors.protocols.playing import START, a_flow, checked, common_of, play


def test_as_zeek_tells_it() -> None:
    events = play(irc.PROTOCOL, IRC, a_flow(6667)).events
    told = [(e["irc.command"], e.get("irc.value"), e.get("irc.nick")) for e in events]
    assert told == [
        ("NICK", "bot", None), ("USER", "worm", "bot"), ("JOIN", "#a", "bot"), ("JOIN", "#b", "bot"),
        ("DCC", None, "bot"),
    ]  # fmt: skip
    assert events[1]["irc.addl"] == "0 * Real Name"
    assert events[2]["irc.password_seen"] is True
    assert (events[4]["irc.dcc_address"], events[4]["irc.dcc_port"]) == ("192.168.1.1", 5000)


def test_the_file_that_was_offered() -> None:
    shelf = [irc.PROTOCOL, irc_data.PROTOCOL]
    sessions = Sessions({one.name: one for one in shelf}, Losses())
    chat = a_flow(6667)
    sessions.begin(1, chat, common_of(chat), "C1", "irc")
    for side, data in IRC:
        sessions.data(1, side, data, START)
    channel = a_flow(5000, destination="192.168.1.1")
    sessions.begin(2, channel, common_of(channel), "C2")
    sessions.data(2, 1, b"PK" * 617, START)
    sessions.data(2, 0, b"\0\0\x04\xd2", START)
    sessions.end_all()
    (carried,) = [one for one in checked(sessions, shelf) if one["event.dataset"] == "files"]
    assert (carried["file.name"], carried["file.size"]) == ("f.zip", 1234)
    assert carried["source.ip"] == "192.168.1.1"
