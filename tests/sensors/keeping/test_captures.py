"""Captures into the ring: in pieces of any size, on from where they were kept before, as others read them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import zstandard

from fengsui.errors import InputError
from sensors.keeping.captures import KeptStream, Records, keep_capture
from sensors.keeping.carving import PacketStore
from sensors.keeping.keeper import Keeper
from sensors.packet.capture import CaptureSensor
from tests.sensors.keeping.test_keeper import LIMITS, carve, flow, traffic, web
from tests.sensors.packet.frames import pcap, pcapng

PACKETS = traffic(20)


@pytest.mark.parametrize("capture", [pcap(PACKETS), pcapng(PACKETS), pcap(PACKETS, order=">")])
@pytest.mark.parametrize("piece", [7, 1000, 1_000_000])
def test_pieces_make_no_difference(tmp_path: Path, capture: bytes, piece: int) -> None:
    keeper = Keeper(tmp_path, LIMITS)
    records = Records(keeper, "x")
    for at in range(0, len(capture), piece):
        records.put(capture[at : at + piece])
    keeper.close()
    assert records.packets == len(PACKETS)
    assert carve(tmp_path, flow(20_007)).packets == len(web(1))


@pytest.mark.parametrize("capture", [pcap(PACKETS), pcapng(PACKETS)])
@pytest.mark.parametrize("kept", [10, 24, 5000, 50_000])
def test_what_was_kept_before_is_not_kept_again(tmp_path: Path, capture: bytes, kept: int) -> None:
    keeper = Keeper(tmp_path, LIMITS)
    first = Records(keeper, "x")
    first.put(capture[:kept])
    again = Records(keeper, "x", skip=kept)
    for at in range(0, len(capture), 3000):
        again.put(capture[at : at + 3000])
    keeper.close()
    assert first.packets + again.packets == len(PACKETS) == PacketStore(tmp_path).overview().packets


def test_a_stream_is_kept_as_it_is_read(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, LIMITS)
    stream = KeptStream(io.BytesIO(pcap(PACKETS)), keeper, "x")
    sensor = CaptureSensor(None, stream, name="x", sensor="tap")  # type: ignore[arg-type]
    events = sum(batch.count for batch in sensor)
    keeper.close()
    assert events >= 20
    assert sensor.summary.records == PacketStore(tmp_path).overview().packets == len(PACKETS)


def test_what_is_no_capture_is_its_readers_matter(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, LIMITS)
    stream = KeptStream(io.BytesIO(b"no capture" * 100), keeper, "x")
    assert stream.read() == b"no capture" * 100
    keeper.close()


def test_whole_files(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "ring", LIMITS)
    path = tmp_path / "a.pcap.zst"
    path.write_bytes(zstandard.compress(pcap(PACKETS)))
    assert keep_capture(keeper, path) == len(PACKETS)
    path.write_bytes(pcap(PACKETS)[:-5])
    assert keep_capture(keeper, path) == len(PACKETS) - 1
    path.write_bytes(b"x" * 100)
    with pytest.raises(InputError):
        keep_capture(keeper, path)
    keeper.close()
