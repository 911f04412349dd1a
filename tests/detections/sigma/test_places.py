from pathlib import Path

import pytest

from detections.sigma.places import LARGEST_FILE, content_of


@pytest.mark.parametrize(
    "size", [0, 1, (1 << 16) - 1, 1 << 16, (1 << 16) + 1, LARGEST_FILE, LARGEST_FILE + 1]
)
def test_content_is_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(bytes(range(256)) * (size // 256) + b"x" * (size % 256))
    assert content_of(path) == path.read_bytes()


def test_of_a_larger_file_one_byte_more_than_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"x" * (LARGEST_FILE + 1000))
    assert len(content_of(str(path))) == LARGEST_FILE + 1


def test_a_folder_has_no_content(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        content_of(tmp_path)
