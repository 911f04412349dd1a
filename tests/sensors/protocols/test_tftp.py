"""TFTP: requests, their result, the file over a flow of its own."""

from __future__ import annotations

from fengsui.loss import Losses
from sensors.protocols import tftp
from sensors.sessions import Sessions
from tests.sensors.protocols.conversations import TFTP_READ, Said
from tests.sensors.protocols.playing import START, a_flow, checked, common_of, play


def test_a_file_in_one_flow() -> None:
    played = play(tftp.PROTOCOL, TFTP_READ, a_flow(69, "udp"))
    (event,) = played.of("tftp")
    assert (event["tftp.packet"], event["tftp.file"], event["tftp.mode"]) == (
        "read",
        "etc/startup.cfg",
        "octet",
    )
    assert (event["event.outcome"], event["tftp.size"]) == ("success", 515)
    (carried,) = played.of("files")
    assert (carried["file.name"], carried["file.size"]) == ("startup.cfg", 515)


def test_the_answer_comes_from_another_port() -> None:
    sessions = Sessions({"tftp": tftp.PROTOCOL}, Losses())
    asked = a_flow(69, "udp")
    sessions.begin(1, asked, common_of(asked), "C1", "tftp")
    sessions.data(1, *TFTP_READ[0], START)
    answer = a_flow(40_000, "udp", "198.51.100.20", "192.0.2.10", 5555)
    sessions.begin(2, answer, common_of(answer), "C2")
    for side, data in TFTP_READ[1:]:
        sessions.data(2, 1 - side, data, START)
    sessions.end_all()
    events = checked(sessions, [tftp.PROTOCOL])
    (event,) = [one for one in events if one["event.dataset"] == "tftp"]
    assert (event["event.outcome"], event["destination.port"]) == ("success", 69)
    (carried,) = [one for one in events if one["event.dataset"] == "files"]
    assert (carried["source.ip"], carried["file.size"]) == ("198.51.100.20", 515)


def test_an_error() -> None:
    said: Said = [(0, b"\0\x02x\0NetASCII\0"), (1, b"\0\x05\0\x02\0")]
    (event,) = play(tftp.PROTOCOL, said, a_flow(69, "udp")).events
    assert (event["tftp.error_code"], event["tftp.error_msg"]) == (2, "access violation")
    assert (event["tftp.packet"], event["event.outcome"]) == ("write", "failure")
