from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.wiring import make_file_store
from fengsui.errors import SettingsError
from fengsui.hashes import sm3
from fengsui.loss import Losses
from fengsui.settings import load_settings
from sensors.files import carried as module
from sensors.files.carried import CarriedFile, extension
from sensors.files.keeping import FileStore
from tests.sensors.files.receiving import Counted, Events


def carry(pieces: list[bytes], end: int = 5_000, **how: object) -> dict[str, object]:
    events = Events()
    file = CarriedFile(events, **how)  # type: ignore[arg-type]
    for piece in pieces:
        file.write(piece)
    file.end(end)
    file.end(end)
    file.write(b"more")
    assert len(events.all) <= 1
    return events.all[0] if events.all else {}


def test_type_size_and_hashes() -> None:
    data = b"%PDF-1.7\n" + bytes(100_000)
    event = carry([data[:7], data[7:50_000], data[50_000:]], name="报告.PDF", time=1_000)
    assert event == {
        "file.name": "报告.PDF",
        "file.extension": "pdf",
        "file.size": len(data),
        "file.mime_type": "application/pdf",
        "file.hash.md5": hashlib.md5(data).hexdigest(),
        "file.hash.sha1": hashlib.sha1(data).hexdigest(),
        "file.hash.sha256": hashlib.sha256(data).hexdigest(),
        "file.hash.sm3": sm3(data),
        "event.duration": 4_000,
    }


@given(st.lists(st.binary(max_size=9000), max_size=8), st.integers(1, 3000))
def test_pieces_make_no_difference(pieces: list[bytes], size: int) -> None:
    data = b"".join(pieces)
    cut = [data[at : at + size] for at in range(0, len(data), size)]
    assert carry(pieces) == carry(cut) == carry([data])


def test_what_is_missing_leaves_the_hashes_out_and_says_so() -> None:
    events = Events()
    file = CarriedFile(events, path="share\\dir\\a.exe", size=40)
    file.write(b"MZ" + bytes(18))
    file.skip(20)
    file.end(7)
    assert events.all == [
        {
            "file.name": "a.exe",
            "file.extension": "exe",
            "file.path": "share\\dir\\a.exe",
            "file.size": 20,
            "file.size_declared": 40,
            "file.missing_bytes": 20,
            "file.mime_type": "application/x-dosexec",
            "fengsui.parse": "cut",
        }
    ]
    assert events.times == [7]


def test_one_that_ends_early_is_cut_and_one_longer_than_declared_is_not() -> None:
    short = carry([b"x" * 10], size=11)
    assert short["fengsui.parse"] == "cut"
    assert "file.hash.md5" not in short
    long = carry([b"x" * 10], size=9)
    assert long["file.size_declared"] == 9
    assert "file.hash.md5" in long


def test_nothing_seen_is_no_event() -> None:
    assert carry([]) == {}
    assert carry([], size=10) == {}


def test_only_the_wanted_hashes() -> None:
    event = carry([b"abc"], hashes=("sha256",))
    assert [name for name in event if "hash" in name] == ["file.hash.sha256"]


def test_a_slow_sm3_is_left_out_of_large_files(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Counted()
    monkeypatch.setattr(module, "sm3_is_fast", lambda: False)
    assert "file.hash.sm3" not in carry([bytes(1 << 20), b"x"], lost=lost)
    assert "file.hash.sm3" in carry([b"x"], lost=lost)
    assert lost.counts == {"sm3_left_out": 1}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.TXT", "txt"),
        (".bashrc", ""),
        ("a", ""),
        ("d.x/a", ""),
        ("a.", ""),
        ("a\\b.tar.gz", "gz"),
    ],
)
def test_extensions(name: str, expected: str) -> None:
    assert extension(name) == expected


PROGRAM = b"MZ\x90\0" + bytes(200)


def store_in(folder: Path, most: int = 1000, each: int = 500) -> tuple[FileStore, Losses]:
    losses = Losses()
    types = ["application/x-*"]
    return FileStore(folder, types, most=most, most_each=each, losses=losses), losses


def test_files_of_the_wanted_types_are_kept_by_their_hash(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    store, _ = store_in(folder)
    assert carry([PROGRAM], store=store)["file.kept"] is True
    assert "file.kept" not in carry([b"just some text"], store=store)
    kept = list(folder.iterdir())
    assert [path.name for path in kept] == [hashlib.sha256(PROGRAM).hexdigest()]
    assert kept[0].read_bytes() == PROGRAM
    assert kept[0].stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_files_that_are_cut_or_too_large_are_not_kept(tmp_path: Path) -> None:
    store, _ = store_in(tmp_path)
    lost = Counted()
    carry([PROGRAM], size=400, store=store, lost=lost)
    carry([PROGRAM], size=501, store=store, lost=lost)
    carry([PROGRAM, bytes(300), bytes(9000)], store=store, lost=lost)
    assert list(tmp_path.iterdir()) == []
    assert lost.counts == {"file_too_large_to_keep": 2}


def test_the_oldest_make_room_also_after_a_start(tmp_path: Path) -> None:
    store, losses = store_in(tmp_path)
    for letter in b"abcdef":
        carry([PROGRAM + bytes([letter])], store=store)
        store, losses = store_in(tmp_path) if letter == ord("c") else (store, losses)
    assert len(list(tmp_path.iterdir())) == 4
    assert store.bytes == 4 * 205
    assert losses.as_json() == {"files.removed_oldest": 2}
    newest = hashlib.sha256(PROGRAM + b"f").hexdigest()
    assert (tmp_path / newest).exists()
    carry([PROGRAM + b"f"], store=store)  # the same once more takes no more room
    assert store.bytes == 4 * 205


def test_several_may_share_a_folder(tmp_path: Path) -> None:
    (one, lost), (other, _) = store_in(tmp_path, 100_000), store_in(tmp_path, 100_000)
    for number in range(900):
        carry([PROGRAM + bytes([number // 256, number % 256])], store=(one, other)[number % 2])
    held = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert held <= 100_000 + 2 * 100_000 // 32
    assert lost.as_json().get("files.removed_oldest", 0) > 0
    folder = tmp_path / "closed"
    store, _ = store_in(folder)
    folder.rename(tmp_path / "moved")  # as far as its path goes it is out of reach
    assert carry([PROGRAM], store=store)["file.kept"] is True


def test_a_part_without_a_writer_goes_and_others_stay(tmp_path: Path) -> None:
    for name in ("part-old", "part-new"):
        (tmp_path / name).write_bytes(bytes(100))
    os.utime(tmp_path / "part-old", (1, 1))
    store, losses = store_in(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["part-new"]
    assert (store.bytes, losses.as_json()) == (0, {"files.removed_unfinished": 1})


def test_a_disk_that_takes_no_more_costs_the_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = store_in(tmp_path)
    lost = Counted()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        assert "file.kept" not in carry([PROGRAM], store=store, lost=lost)
    with monkeypatch.context() as patch:
        patch.setattr("os.open", full)
        assert "file.hash.md5" in carry([PROGRAM], store=store, lost=lost)
    assert lost.counts == {"file_not_kept_disk": 2}
    assert list(tmp_path.iterdir()) == []
    assert carry([PROGRAM], store=store)["file.kept"] is True


def test_a_folder_that_cannot_be_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SettingsError, match="cannot be used"):
        store_in(tmp_path / "file")


def test_the_settings_say_what_is_kept(tmp_path: Path) -> None:
    assert make_file_store(load_settings({}, home=tmp_path).settings, Losses()) is None
    variables = {"FENGSUI_FILES_KEEP": "application/pdf,image/*", "FENGSUI_FILES_FOLDER": "carried"}
    store = make_file_store(load_settings(variables, home=tmp_path).settings, Losses())
    assert store is not None
    assert store.folder == tmp_path / "carried"
    assert [store.wants(kind) for kind in ("image/png", "application/zip", "")] == [
        True,
        False,
        False,
    ]
    everything = make_file_store(
        load_settings({"FENGSUI_FILES_KEEP": "all"}, home=tmp_path).settings, Losses()
    )
    assert everything is not None
    assert everything.wants("")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("KEEP", "exe"), ("FOLDER", "../elsewhere"), ("FOLDER", "/tmp"), ("HASHES", "crc32")],
)
def test_settings_that_make_no_sense(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingsError):
        load_settings({f"FENGSUI_FILES_{variable}": value}, home=tmp_path)
