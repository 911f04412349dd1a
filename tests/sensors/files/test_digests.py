"""Hashes made once of each content."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from sensors.files import digests
from sensors.files.carried import CarriedFile
from sensors.files.digests import CHUNK, HASHES, Digests
from sensors.protocol import FieldValues


def straight(data: bytes) -> list[tuple[str, str]]:
    return [(one, hashlib.new(one, data).hexdigest()) for one in HASHES]


def chunked(data: bytes) -> list[tuple[str, str]]:
    made = Digests(HASHES)
    for at in range(0, len(data), CHUNK):
        made.update(data[at : at + CHUNK])
    return made.digests()


def test_files_that_begin_alike_and_end_otherwise() -> None:
    begin = bytes(range(256)) * (CHUNK // 128)
    for end in (b"", b"a", b"b", b"a" * CHUNK, b"a" * CHUNK + b"b", b"a", b""):
        assert chunked(begin + end) == straight(begin + end)
    assert chunked(b"") == straight(b"")


def test_what_is_remembered_is_bounded() -> None:
    for number in range(digests.MOST_KNOWN + 100):
        chunked(number.to_bytes(4, "big"))
    assert len(digests.known(("md5", "sha1", "sm3")).states) == digests.MOST_KNOWN
    assert chunked(b"\0\0\0\0") == straight(b"\0\0\0\0")


def test_only_what_is_wanted() -> None:
    for wanted in (("sha256",), ("sm3",), ("sm3", "sha256"), ()):
        made = Digests(wanted)
        made.update(b"abc")
        assert [name for name, _ in made.digests()] == list(wanted)
        assert dict(made.digests()).items() <= dict(straight(b"abc")).items()


@given(st.lists(st.integers(0, 3 * CHUNK), max_size=6), st.booleans())
def test_pieces_and_views_give_the_same(sizes: list[int], view: bool) -> None:
    found: list[FieldValues] = []
    file = CarriedFile(lambda _time, fields: found.append(fields))
    data = b"".join(bytes([number + 1]) * size for number, size in enumerate(sizes))
    at = 0
    for size in sizes:
        reused = bytearray(data[at : at + size])
        file.write(memoryview(reused) if view else bytes(reused))
        reused[:] = b"?" * size  # the decoder's memory is written again
        at += size
    file.end(1)
    if data:
        assert [(one, found[0]["file.hash." + one]) for one in HASHES] == straight(data)
