from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("hyperscan")

from detections.sigma.scanners import scanner

MANY = [b"word%d." % number for number in range(100)]


def found(database: object, data: bytes) -> list[int]:
    seen: list[int] = []
    database.scan(data, match_event_handler=lambda one, *_: seen.append(one))  # type: ignore[attr-defined]
    return seen


def test_a_kept_scanner_finds_what_a_new_one_finds(tmp_path: Path) -> None:
    text = b"a WORD7. and word99. and word100"
    new, kept = scanner(MANY, tmp_path), scanner(MANY, tmp_path)
    assert found(new, text) == found(kept, text) == [7, 99]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"x" * 40, None])
def test_a_damaged_one_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    scanner(MANY, tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"\0" if damage is None else damage)
    assert found(scanner(MANY, tmp_path), b"word3.") == [3]
    assert path.read_bytes()[32:36] == whole[32:36]


def test_few_literals_and_a_folder_that_cannot_be_written_are_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert found(scanner(MANY, tmp_path / "file"), b"word3.") == [3]
    assert found(scanner(MANY[:3], tmp_path / "few"), b"word1.") == [1]
    assert not (tmp_path / "few").exists()
