"""Windows of correlations on disk: kept whole, taken up again, left out when damaged."""

from pathlib import Path

from console.roles.windows import KeptWindows
from detections.detections import Detections

FILE = "correlation_windows.json"


class Told(Detections):
    """Detections whose windows are given."""

    def __init__(self, document: dict[str, object]) -> None:
        super().__init__([])
        self.document = document
        self.taken: list[object] = []

    def windows(self) -> dict[str, object]:
        return self.document

    def take_windows(self, document: object) -> int:  # type: ignore[override]
        self.taken.append(document)
        return 1


def test_what_was_kept_is_taken_up(tmp_path: Path) -> None:
    KeptWindows(tmp_path).keep(Told({"version": 1}), now=True)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    after = Told({})
    KeptWindows(tmp_path).take_up(after)
    assert after.taken == [{"version": 1}]


def test_it_is_written_once_a_minute(tmp_path: Path) -> None:
    kept = KeptWindows(tmp_path)
    kept.keep(Told({}))
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_is_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b'{"version": 1, "corr')
    kept, after = KeptWindows(tmp_path), Told({})
    kept.take_up(after)
    assert not after.taken
    assert kept.losses.as_json() == {"detections.windows.unreadable": 1}


def test_without_a_file_everything_begins_anew(tmp_path: Path) -> None:
    kept = KeptWindows(tmp_path)
    kept.take_up(Told({}))
    assert not kept.losses.as_json()


def test_a_folder_that_takes_no_file_is_counted(tmp_path: Path) -> None:
    kept = KeptWindows(tmp_path / "gone")
    kept.keep(Told({}), now=True)
    assert kept.losses.as_json() == {"detections.windows.not_kept": 1}
