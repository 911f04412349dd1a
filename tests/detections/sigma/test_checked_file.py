from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.sigma.checked_file import DIGEST, is_whole, write_checked


@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(1, 255))
def test_any_flipped_byte_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, at: int, change: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "checked" / "a"
    write_checked(path, body)
    data = bytearray(path.read_bytes())
    assert is_whole(bytes(data[:DIGEST]), bytes(data[DIGEST:]))
    data[at % len(data)] ^= change
    assert not is_whole(bytes(data[:DIGEST]), bytes(data[DIGEST:]))
    assert [each.name for each in path.parent.iterdir()] == ["a"]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_checked(tmp_path / "a", b"x")
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
