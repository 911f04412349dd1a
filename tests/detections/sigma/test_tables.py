from __future__ import annotations

from pathlib import Path

from detections.sigma.tables import table


def test_a_table_is_kept_by_its_content(tmp_path: Path) -> None:
    source, folder = tmp_path / "a.toml", tmp_path / "cache"
    source.write_text('[x]\n"a b" = ["1", 2]\n')
    assert table(source, folder) == {"x": {"a b": ["1", 2]}}
    (copy,) = folder.iterdir()
    copy.write_bytes(b'{"from": "the copy"}')
    assert table(source, folder) == {"from": "the copy"}
    copy.write_bytes(b"{broken")
    assert table(source, folder) == {"x": {"a b": ["1", 2]}}
    source.write_text("y = 1\n")
    assert table(source, folder) == {"y": 1}


def test_a_folder_that_cannot_be_written_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("y = 1\n")
    (tmp_path / "file").write_text("")
    assert table(tmp_path / "a.toml", tmp_path / "file") == {"y": 1}
