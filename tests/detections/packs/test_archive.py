"""A pack is unpacked inside its folder or not at all, whatever the archive says."""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detections.packs import archive
from detections.packs.archive import is_kept, take_folder, take_zip
from fengsui.errors import InputError

RULE = b"title: x\n"


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        warnings.simplefilter("ignore")  # two files of one name are meant
        for name, data in files.items():
            made.writestr(zipfile.ZipInfo(name), data)
    return path


def refused(path: Path, target: Path) -> str:
    with pytest.raises(InputError) as caught:
        take_zip(path, target)
    return caught.value.code


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


def test_rules_and_their_licence_are_taken(tmp_path: Path, target: Path) -> None:
    files = {
        "sigma-main/rules/a.yml": RULE,
        "sigma-main/rules/b.YAML": RULE,
        "sigma-main/LICENSE": b"free",
        "sigma-main/README.md": b"no",
        "sigma-main/.github/workflow.yml": b"no",
    }
    taken = take_zip(make_zip(tmp_path / "a.zip", files), target)
    assert taken.files == ("rules/a.yml", "rules/b.YAML", "LICENSE")
    assert (target / "rules/a.yml").read_bytes() == RULE
    assert sorted(p.name for p in target.rglob("*") if p.is_file()) == [
        "LICENSE",
        "a.yml",
        "b.YAML",
    ]


HOSTILE: dict[str, dict[str, bytes]] = {
    "up": {"../a.yml": RULE},
    "up inside": {"a/../../b.yml": RULE},
    "absolute": {"/tmp/a.yml": RULE},
    "backslash": {"..\\a.yml": RULE},
    "drive": {"C:/a.yml": RULE},
    "dot": {"./a.yml": RULE},
    "empty part": {"a//b.yml": RULE},
    "two of one name": {"a/B.yml": RULE, "A/b.yml": RULE},
    "file and folder": {"a.yml": RULE, "a.yml/b.yml": RULE},
    "control letter": {"a\n.yml": RULE},
    "long": {"a" * 300 + "/b.yml": RULE},
    "deep": {"a/" * 40 + "b.yml": RULE},
    "beside a good one": {"good.yml": RULE, "../bad.md": b""},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_names(what: str, tmp_path: Path, target: Path) -> None:
    assert refused(make_zip(tmp_path / "a.zip", HOSTILE[what]), target) == "hostile_zip"
    assert not list(target.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "target"]


def _with_entry(path: Path, change: Callable[[zipfile.ZipInfo], None], data: bytes = RULE) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        entry = zipfile.ZipInfo("a.yml")
        change(entry)
        made.writestr(entry, data)
    return path


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices(kind: int, tmp_path: Path, target: Path) -> None:
    def change(entry: zipfile.ZipInfo) -> None:
        entry.external_attr = (kind | 0o777) << 16

    assert refused(_with_entry(tmp_path / "a.zip", change, b"/etc/passwd"), target) == "hostile_zip"


def test_encrypted(tmp_path: Path, target: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.yml": RULE})
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<H", data, at + 8, 1)
    path.write_bytes(data)
    assert refused(path, target) == "hostile_zip"


def test_other_compressions(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("a.yml", RULE)
    assert refused(path, target) == "hostile_zip"


def test_a_bomb_is_left(tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = b"\0" * (3 << 20)
    path = make_zip(tmp_path / "a.zip", {"bomb.yml": zeros, "good.yml": RULE})
    taken = take_zip(path, target)
    assert (taken.files, taken.left) == (("good.yml",), ("bomb.yml",))
    assert [p.name for p in target.iterdir()] == ["good.yml"]
    monkeypatch.setattr(archive, "TOTAL_MOST", 1 << 20)
    (tmp_path / "again").mkdir()
    assert refused(path, tmp_path / "again") == "hostile_zip"


def test_many_files(tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_zip(tmp_path / "a.zip", {f"{n}.yml": RULE for n in range(30)})
    monkeypatch.setattr(archive, "RULES_MOST", 20)
    assert refused(path, target) == "too_many_files"
    monkeypatch.setattr(archive, "ENTRIES_MOST", 20)
    assert refused(path, tmp_path / "other") == "too_many_files"


def test_a_hundred_thousand_files_are_not_even_listed(tmp_path: Path, target: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        for number in range(66_000):
            zipped.writestr(zipfile.ZipInfo(f"{number}.md"), b"")
    path = tmp_path / "a.zip"
    path.write_bytes(made.getvalue())
    assert refused(path, target) == "too_many_files"


def test_cut_anywhere_it_is_refused(tmp_path: Path, target: Path) -> None:
    whole = make_zip(tmp_path / "a.zip", {f"{n}.yml": RULE * 50 for n in range(5)}).read_bytes()
    for end in range(0, len(whole), 37):
        path = tmp_path / "cut.zip"
        path.write_bytes(whole[:end])
        assert refused(path, target) == "bad_zip"
    assert not list(target.iterdir())


def test_broken_bytes_are_seen(tmp_path: Path, target: Path) -> None:
    data = bytearray(make_zip(tmp_path / "a.zip", {"a.yml": b"title: abcdefgh\n" * 9}).read_bytes())
    data[40] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(data)
    assert refused(tmp_path / "a.zip", target) == "bad_zip"


@given(
    st.dictionaries(
        st.text("ab./\\:\0\n~é", min_size=1, max_size=12).map(lambda name: f"{name}.yml"),
        st.binary(max_size=20),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=100, deadline=None)
def test_nothing_is_ever_written_outside(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        target = root / "a" / "b" / "target"
        target.mkdir(parents=True)
        path = make_zip(root / "a.zip", files)
        try:
            taken = take_zip(path, target)
        except InputError:
            taken = None
        outside = [p for p in root.rglob("*") if p.is_file() and not p.is_relative_to(target)]
        assert outside == [path]
        inside = [p for p in target.rglob("*") if p.is_file()]
        if taken is not None:
            assert {p.relative_to(target).as_posix() for p in inside} == set(taken.files)


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_a_pack_or_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        path.write_bytes(data + b"PK\x05\x06" + data[:22])
        target = Path(folder) / "target"
        target.mkdir()
        with contextlib.suppress(InputError):
            take_zip(path, target)


def test_folders(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "a.yml").write_bytes(RULE)
    (source / "big.yml").write_bytes(b"x" * (2 << 20))
    (source / "link.yml").symlink_to("/etc/passwd")
    (source / "loop").symlink_to(source)
    taken = take_folder(source, target)
    assert (taken.files, taken.left) == (("deep/a.yml",), ("big.yml",))
    with pytest.raises(InputError) as caught:
        take_folder(tmp_path / "none", target)
    assert caught.value.code == "no_pack"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a.yml", True),
        ("x/pack.json", False),
        ("pack.json", True),
        ("LICENSE.md", True),
        ("a", False),
    ],
)
def test_what_belongs_to_a_pack(name: str, kept: bool) -> None:
    assert is_kept(name) is kept
