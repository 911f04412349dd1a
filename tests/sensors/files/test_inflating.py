from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.files.inflating import PIECE, Inflating, codings_of
from tests.sensors.files.receiving import Counted, Received, Swallowed


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]),
    "deflate": zlib.compress,
    "bare deflate": bare,
    "br": brotli.compress,
    "zstd": zstandard.compress,
    "gzip, br": lambda data: brotli.compress(gzip.compress(data)),
}
TEXT = b"".join(b"line %d of a text that packs well\n" % n for n in range(9000))


def through(header: str, packed: bytes, piece: int) -> tuple[Received, Counted]:
    sink, lost = Received(), Counted()
    inflating = Inflating(sink, codings_of(header), lost)
    for at in range(0, len(packed), piece):
        inflating.write(packed[at : at + piece])
    inflating.end(1)
    return sink, lost


@pytest.mark.parametrize("coding", PACKERS)
@pytest.mark.parametrize("piece", [1, 7, 1460, 1 << 30])
def test_every_coding_in_pieces_of_any_size(coding: str, piece: int) -> None:
    packed = PACKERS[coding](TEXT)
    sink, lost = through(coding.replace("bare ", ""), packed, piece)
    assert sink.data == TEXT
    assert not sink.is_cut
    assert sink.ended == 1
    assert not lost.counts
    assert sink.largest <= 2 * PIECE


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_body_that_ends_early_is_cut(coding: str) -> None:
    packed = PACKERS[coding](TEXT)
    sink, _ = through(coding, packed[:-9], 1460)
    assert sink.is_cut
    assert TEXT.startswith(sink.data)


def test_a_body_that_is_not_coded_at_all_goes_through() -> None:
    for header in ("gzip", "br", "zstd", "something", "gzip,gzip,gzip,gzip"):
        sink, lost = through(header, b"<html>not packed</html>", 1000)
        assert sink.data == b"<html>not packed</html>"
        assert not sink.is_cut
        assert sum(lost.counts.values()) == 1


def test_damage_inside_is_counted_and_what_came_before_stays() -> None:
    packed = bytearray(gzip.compress(TEXT * 20))
    packed[9000:9100] = bytes(100)
    sink, lost = through("gzip", bytes(packed), 1460)
    assert sink.is_cut
    assert lost.counts == {"inflation_error": 1}
    assert sink.data
    assert TEXT.startswith(sink.data[:1000])


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_bombs_end_early_and_take_no_memory(coding: str) -> None:
    packed = zeros(coding, 200 << 20)
    sink, lost = Swallowed(), Counted()
    inflating = Inflating(sink, codings_of(coding), lost)
    for at in range(0, len(packed), 1460):
        inflating.write(packed[at : at + 1460])
    inflating.end(1)
    assert lost.counts == {"inflation_bomb": 1}
    assert sink.is_cut
    assert sink.size <= 17 << 20
    assert sink.largest <= 2 * PIECE


def zeros(coding: str, size: int) -> bytes:
    block = bytes(1 << 20)
    if coding == "br":
        packer = brotli.Compressor(quality=1)
        return b"".join(packer.process(block) for _ in range(size >> 20)) + packer.finish()
    if coding == "zstd":
        zstd = zstandard.ZstdCompressor(level=1).compressobj()
        return b"".join(zstd.compress(block) for _ in range(size >> 20)) + zstd.flush()
    packer = zlib.compressobj(1, wbits=15 if coding == "deflate" else 31)
    packed = b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()
    return gzip.compress(packed) if "," in coding else packed


def test_a_gap_ends_the_inflation() -> None:
    sink, lost = Received(), Counted()
    inflating = Inflating(sink, ["gzip"], lost)
    packed = gzip.compress(TEXT)
    inflating.write(packed[:2000])
    inflating.skip(100)
    inflating.write(packed[2100:])
    inflating.end(1)
    assert sink.missing == 100
    assert not lost.counts


@settings(max_examples=200)
@given(st.sampled_from(["gzip", "deflate", "br", "zstd"]), st.binary(max_size=300), st.data())
def test_hostile_bytes_never_raise(header: str, junk: bytes, data: st.DataObject) -> None:
    packed = bytearray(PACKERS[header](TEXT[:2000]))
    at = data.draw(st.integers(0, len(packed)))
    packed[at : at + data.draw(st.integers(0, 9))] = junk
    through(header, bytes(packed), data.draw(st.sampled_from([1, 50, 5000])))
    through(header, junk, 3)


def test_codings_of_a_header() -> None:
    assert codings_of(" GZIP , identity,br") == ["gzip", "br"]
    assert codings_of("identity") == []
