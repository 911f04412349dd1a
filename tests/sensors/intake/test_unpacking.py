"""bzip2 and xz: the same as plain, whatever the pieces; what a cut file holds; what is damaged says so."""

from __future__ import annotations

import bz2
import io
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.errors import InputError
from sensors.intake.opening import kind_of, open_input
from sensors.intake.unpacking import Unpacking, unpacking
from tests.sensors.packet.frames import START, pcap, question, sense, udp

CAPTURE = pcap(
    [
        (START + n, udp("10.0.0.1", 999, "10.0.0.2", 53, question(n, f"{n}.example.org")))
        for n in range(200)
    ]
)
PACKS = {"bzip2": bz2.compress, "xz": lzma.compress}


def opened(packed: bytes) -> Unpacking:
    found = unpacking(io.BytesIO(packed), packed[:4])
    assert found
    return found


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_a_packed_capture_gives_the_same_events(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    assert sense(pack(CAPTURE)).events == sense(CAPTURE).events
    path = tmp_path / "no-name"
    path.write_bytes(pack(CAPTURE))
    assert kind_of(path) == "capture"
    source = open_input(str(path), sensor="s", max_flows=1024)
    assert sum(batch.count for batch in source) == len(sense(CAPTURE).events)


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
@given(parts=st.lists(st.binary(max_size=300), min_size=1, max_size=4), size=st.integers(1, 500))
@settings(max_examples=30)
def test_streams_follow_each_other(
    pack: Callable[[bytes], bytes], parts: list[bytes], size: int
) -> None:
    reader = opened(b"".join(pack(part) for part in parts))
    plain = b""
    while piece := reader.read(size):
        assert len(piece) <= size
        plain += piece
    assert plain == b"".join(parts)
    assert not reader.cut


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_a_cut_or_damaged_file_gives_what_it_can_and_is_counted(
    pack: Callable[[bytes], bytes],
) -> None:
    whole = pack(CAPTURE * 3)
    cut = opened(whole[:-20])
    while cut.read(1000):
        pass
    assert cut.cut
    with pytest.raises(InputError) as caught:
        sense(whole[:6] + bytes(40) + whole[46:])
    assert caught.value.code == "damaged"


@pytest.mark.parametrize(
    "head", [b"snoop\0\0\0", b"PK\x03\x04", b"\x04\x22\x4d\x18", bytes(257) + b"ustar", bytes(16)]
)
def test_what_is_known_and_not_read_is_named(head: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(head + b"x" * 300)
    with pytest.raises(InputError) as caught:
        kind_of(path)
    assert caught.value.code == "not_a_capture"
    assert caught.value.next
