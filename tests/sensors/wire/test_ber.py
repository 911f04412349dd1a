from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.protocol import WireError
from sensors.wire import ber
from tests.sensors.protocols.infra_talks import number, tlv


def test_lengths_of_every_form() -> None:
    for data in (b"\x04\x01a", b"\x04\x81\x01a", b"\x04\x84\0\0\0\x01a"):
        one = ber.item(data, 0, len(data))
        assert (one.tag, ber.content(data, one)) == (ber.OCTETS, b"a")


@pytest.mark.parametrize("data", [b"\x04\x80", b"\x04\x85\0\0\0\0\1", b"\x1f\x01a", b"\x04\x05ab"])
def test_what_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        ber.item(data, 0, len(data))


def test_a_cut_header_waits() -> None:
    assert ber.head(b"\x30") is None
    assert ber.head(b"\x30\x82\x01") is None
    assert ber.head(b"\x30\x82\x01\x00") == (0x30, 4, 260)


@given(st.integers(-(2**62), 2**62))
def test_numbers(value: int) -> None:
    data = number(value)
    assert ber.number(data, ber.item(data, 0, len(data))) == value


@given(st.lists(st.binary(max_size=20), max_size=20))
def test_items_are_what_was_written(parts: list[bytes]) -> None:
    data = tlv(ber.SEQUENCE, *(tlv(ber.OCTETS, part) for part in parts))
    outer = ber.item(data, 0, len(data))
    assert [ber.content(data, one) for one in ber.items(data, outer.start, outer.end)] == parts


@given(st.binary(max_size=60))
def test_garbage_is_read_or_refused(data: bytes) -> None:
    whole: list[ber.Item] = []
    with contextlib.suppress(WireError):
        whole = ber.items(data, 0, len(data))
    assert all(one.start <= one.end <= len(data) for one in whole)
