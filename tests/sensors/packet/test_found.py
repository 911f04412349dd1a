"""What mutants have found, each as small as it could be made."""

from __future__ import annotations

import io

from tests.sensors.packet.frames import Connection, pcap
from tests.sensors.packet.judging import Run


def run(talk: Connection) -> Run:
    found = Run(io.BytesIO(pcap(talk.packets)))
    assert found.faults() == []
    return found


def test_a_zero_byte_in_a_content_type() -> None:
    talk = Connection().open()
    talk.say(0, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    talk.say(1, b"HTTP/1.1 200 OK\r\nContent-Type: a\0b\r\nContent-Length: 4\r\n\r\nbody")
    assert run(talk.close()).sensor.summary.events["files"] == 1


def test_two_sides_that_both_answer_hand_their_notes_back() -> None:
    talk = Connection()
    for side in (0, 1):
        talk.send(side, "PA", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nab")
    assert run(talk).sensor.summary.events["http"] == 2
