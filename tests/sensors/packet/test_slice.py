"""One flow out of captures."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from fengsui.errors import InputError
from sensors.packet.slice import slice_flow
from tests.sensors.packet.frames import (
    CLIENT,
    MS,
    SERVER,
    START,
    Connection,
    pcap,
    pcapng,
    sense,
    udp,
)


def web(port: int) -> list[tuple[int, bytes]]:
    connection = Connection(80, port).open()
    connection.say(0, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    return connection.close().packets


@pytest.mark.parametrize("form", [pcap, pcapng])
def test_both_directions_of_one_flow(tmp_path: Path, form: object) -> None:
    assert callable(form)
    wanted = web(40_001)
    other = [(time, udp(CLIENT, 40_001, SERVER, 80, b"x")) for time, _ in wanted]
    path = tmp_path / "a.pcap"
    path.write_bytes(form(sorted([*wanted, *web(40_002), *other])))
    found = slice_flow(
        [path], source=SERVER, source_port=80, destination=CLIENT, destination_port=40_001,
        transport="tcp", since=START, until=START + 1000 * MS,
    )  # fmt: skip
    assert (found.packets, found.bounded) == (len(wanted), False)
    assert found.pcap[24:] == pcap(wanted, nano=True)[24:]
    assert len(sense(found.pcap).of("flow")) == 1


def test_limits_and_times(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    packets = web(40_001)
    path.write_bytes(pcap(packets))
    ends = {"source": CLIENT, "source_port": 40_001, "destination": SERVER, "destination_port": 80}
    few = slice_flow(
        [path], **ends, transport="tcp", since=START, until=START + 1000 * MS, max_packets=3
    )  # type: ignore[arg-type]
    assert (few.packets, few.bounded) == (3, True)
    none = slice_flow([path], **ends, transport="tcp", since=0, until=1)  # type: ignore[arg-type]
    assert (none.packets, none.bounded, len(none.pcap)) == (0, False, 24)
    assert struct.unpack("<I", none.pcap[20:24]) == (1,)


def test_what_is_no_flow(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        slice_flow(
            [],
            source="nobody",
            source_port=1,
            destination=SERVER,
            destination_port=2,
            transport="tcp",
            since=0,
            until=1,
        )
    assert caught.value.code == "bad_flow"
    with pytest.raises(InputError):
        slice_flow(
            [tmp_path],
            source=CLIENT,
            source_port=1,
            destination=SERVER,
            destination_port=2,
            transport="6",
            since=0,
            until=1,
        )
