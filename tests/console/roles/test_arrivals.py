"""Which files are due, and that none is read twice or forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.roles import arrivals
from console.roles.arrivals import Arrivals


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(arrivals.time, "monotonic", made.monotonic)
    return made


def due(folder: Arrivals, clock: Clock, seconds: float) -> list[tuple[str, bool, int]]:
    clock.now += seconds
    return [(one.path.name, one.growing, one.taken) for one in folder.due()]


def test_a_file_is_due_when_it_is_still_and_once(tmp_path: Path, clock: Clock) -> None:
    box = tmp_path / "in"
    box.mkdir()
    looked = Arrivals([box], tmp_path / "taken.json")
    (box / "a.pcap").write_bytes(b"12345")
    (box / ".hidden").write_bytes(b"x")
    assert due(looked, clock, 0) == []
    assert due(looked, clock, 1.1) == [("a.pcap", False, 0)]
    looked.take(box / "a.pcap", 5)
    assert due(looked, clock, 5) == []
    again = Arrivals([box], tmp_path / "taken.json")
    assert due(again, clock, 0) == due(again, clock, 5) == []


def test_one_that_keeps_growing_is_due_and_goes_on_where_it_was(
    tmp_path: Path, clock: Clock
) -> None:
    looked = Arrivals([tmp_path], tmp_path / ".taken.json")
    path = tmp_path / "conn.log"
    for number in range(8):
        path.write_bytes(b"line\n" * (number + 1))
        found = due(looked, clock, 0.5)
    assert found == [("conn.log", True, 0)]
    looked.take(path, 40)
    with path.open("ab") as file:
        file.write(b"line\nhal")
    assert due(looked, clock, 0.5) == []
    assert due(looked, clock, 1.1) == [("conn.log", True, 40)]
    looked.take(path, 45)
    assert due(looked, clock, 0.5) == []  # half a line is no reason to look again and again
    assert due(looked, clock, 1.1) == [("conn.log", True, 45)]
    looked.take(path, 45)
    assert due(looked, clock, 5) == due(looked, clock, 5) == []


def test_a_log_that_was_rotated_is_not_read_again(tmp_path: Path, clock: Clock) -> None:
    looked = Arrivals([tmp_path], tmp_path / ".taken.json")
    path = tmp_path / "eve.json"
    path.write_bytes(b"{}\n" * 10)
    due(looked, clock, 0)
    looked.take(path, 30)
    path.rename(tmp_path / "eve.json.1")
    path.write_bytes(b'{"new": 1}\n' * 20)
    due(looked, clock, 0)
    assert due(looked, clock, 1.1) == [("eve.json", False, 0)]


def test_a_new_file_in_an_old_ones_place_is_read_from_its_start(
    tmp_path: Path, clock: Clock
) -> None:
    looked = Arrivals([tmp_path], tmp_path / ".taken.json")
    path = tmp_path / "a.log"
    path.write_bytes(b"old\n")
    due(looked, clock, 0)
    looked.take(path, 4)
    path.write_bytes(b"new and longer\n")  # the same inode
    due(looked, clock, 0)
    assert due(looked, clock, 1.1) == [("a.log", False, 0)]


def test_held_files_are_not_due_and_missing_folders_are_counted(
    tmp_path: Path, clock: Clock
) -> None:
    looked = Arrivals([tmp_path, tmp_path / "none"], tmp_path / ".taken.json")
    path = tmp_path / "a.pcap"
    path.write_bytes(b"12345")
    looked.hold(path)
    assert due(looked, clock, 0) == due(looked, clock, 5) == []
    assert looked.held() == [path]
    looked.take(path, 3)
    due(looked, clock, 0)
    assert due(looked, clock, 1.1) == [("a.pcap", True, 3)]
    assert looked.losses.as_json()["sensor.missing_folder_looks"] == 4


def test_what_an_earlier_version_remembered_is_not_read_again(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(b"12345")
    stat = path.stat()
    (tmp_path / ".taken.json").write_text(f'{{"{path}": [5.0, {stat.st_mtime!r}]}}')
    looked = Arrivals([tmp_path], tmp_path / ".taken.json")
    assert due(looked, clock, 0) == due(looked, clock, 5) == []
