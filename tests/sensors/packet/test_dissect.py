"""Dissection by tshark, where it is installed."""

from __future__ import annotations

import pytest

from fengsui.errors import InputError, MissingToolError, NotFoundError
from sensors.packet import dissect
from tests.sensors.packet.frames import START, Connection, pcap

needs_tshark = pytest.mark.skipif(
    not dissect.available(), reason="tshark is not installed: apt-get install tshark"
)


def slice_of_web() -> bytes:
    web = Connection().open()
    web.say(0, b"GET /<x> HTTP/1.1\r\nHost: a\r\n\r\n")
    return pcap(web.packets, nano=True)


@needs_tshark
def test_the_list_has_a_row_for_each_packet() -> None:
    rows = dissect.packet_list(slice_of_web())
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert rows[3].protocol == "HTTP"
    assert "GET /<x>" in rows[3].info
    assert [row.time for row in rows] == [START + n * 10_000_000 for n in range(1, 6)]


@needs_tshark
def test_one_packet_in_layers_and_bytes() -> None:
    layers, rows = dissect.packet_detail(slice_of_web(), 4)
    assert [layer.name for layer in layers] == ["frame", "eth", "ip", "tcp", "http"]
    assert any("Host: a" in child.label for child in layers[-1].children)
    assert rows[0].hex.startswith("02 00 00 00 00 02")
    assert rows[0].offset == 0


@needs_tshark
def test_what_tshark_cannot_read() -> None:
    with pytest.raises(InputError):
        dissect.packet_list(b"not a capture at all")


def test_numbers_beyond_the_slice() -> None:
    for number in (0, 6, 10**9):
        with pytest.raises(NotFoundError):
            dissect.packet_detail(slice_of_web(), number)


def test_too_large() -> None:
    with pytest.raises((InputError, MissingToolError)):
        dissect.packet_list(bytes(dissect.MAX_PCAP + 1))


def test_without_tshark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(MissingToolError) as caught:
        dissect.packet_list(slice_of_web())
    assert "apt-get install tshark" in caught.value.next
