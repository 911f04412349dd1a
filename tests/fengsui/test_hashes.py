"""Laws of `fengsui.hashes`: the vectors of GB/T 32905-2016 annex A, and plain = OpenSSL."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.hashes import PlainSM3, file_digests, new_sm3, sha256, sm3, sm3_is_fast

VECTORS = [
    (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
]


@pytest.mark.parametrize(("message", "digest"), VECTORS)
def test_vectors_of_the_standard(message: bytes, digest: str) -> None:
    assert sm3(message) == digest
    assert PlainSM3(message).hexdigest() == digest


@given(st.lists(st.binary(max_size=150), max_size=4))
def test_pieces_and_implementation_do_not_matter(pieces: list[bytes]) -> None:
    plain = PlainSM3()
    for piece in pieces:
        plain.update(piece)
    assert plain.hexdigest() == PlainSM3(b"".join(pieces)).hexdigest() == sm3(b"".join(pieces))


def test_without_openssl_the_plain_one_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ValueError(name)

    sm3_is_fast.cache_clear()
    monkeypatch.setattr(hashlib, "new", refuse)
    try:
        assert isinstance(new_sm3(), PlainSM3)
        assert sm3(b"abc") == VECTORS[0][1]
    finally:
        sm3_is_fast.cache_clear()


def test_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc" * 1_000_000)
    assert file_digests(path) == (sha256(b"abc" * 1_000_000), sm3(b"abc" * 1_000_000))
