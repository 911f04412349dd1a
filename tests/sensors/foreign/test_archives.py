from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard

from fengsui.errors import InputError
from sensors.foreign.archives import Archive, Member, is_archive, members
from sensors.foreign.files import ForeignFile

LINE = json.dumps({"EventID": 1, "Channel": "Security", "Image": "x"}).encode()


def tar(mode: str, names: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as packed:  # type: ignore[call-overload]
        for name, content in names.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return data.getvalue()


def zipped(names: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in names.items():
            packed.writestr(name, content)
    return data.getvalue()


FILES = {"a.json": LINE, "b/c.json.gz": gzip.compress(LINE), "b/.hidden": b"x", "__MACOSX/a": b"x"}


def shown(path: Path) -> list[tuple[str, int]]:
    return [
        (one.shown.removeprefix(f"{path}/"), len(list(ForeignFile.member(one))))
        for one in members(path)
    ]


@pytest.mark.parametrize("kind", ["zip", "w", "w:gz", "w:bz2", "w:xz", "zst"])
def test_files_of_an_archive_are_read_each(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "logs.bin"
    if kind == "zip":
        data = zipped(FILES)
    elif kind == "zst":
        data = zstandard.compress(tar("w", FILES))
    else:
        data = tar(kind, FILES)
    path.write_bytes(data)
    assert is_archive(path)
    assert shown(path) == [("a.json", 1), ("b/c.json.gz", 1)]
    again = members(path)
    assert [len(list(ForeignFile.member(one))) for one in reversed(again)] == [1, 1]


def test_archives_inside_of_archives_are_opened_too(tmp_path: Path) -> None:
    inner = zipped({"x.json": LINE})
    path = tmp_path / "all.zip"
    path.write_bytes(
        zipped({"in.zip": inner, "t.tar.gz": tar("w:gz", {"y.json": LINE, "z.zip": inner})})
    )
    assert shown(path) == [
        ("in.zip/x.json", 1),
        ("t.tar.gz/y.json", 1),
        ("t.tar.gz/z.zip/x.json", 1),
    ]


def test_a_cut_archive_is_told_and_what_it_has_is_read(tmp_path: Path) -> None:
    path = tmp_path / "logs.zip"
    path.write_bytes(zipped(FILES)[:200])
    with pytest.raises(InputError, match="cannot be read"):
        members(path)
    with pytest.raises(InputError, match="cannot be read"):
        list(ForeignFile.member(Member(Archive(path, str(path)), "a.json")))
    path.write_bytes(tar("w", {"a.json": LINE, "b.json": LINE * 100})[:2000])
    first, second = members(path)
    assert len(list(ForeignFile.member(first))) == 1
    with pytest.raises(InputError, match="unpacked"):
        list(ForeignFile.member(second))


def test_a_packed_log_is_no_archive(tmp_path: Path) -> None:
    for name, data in (
        ("x.gz", gzip.compress(LINE)),
        ("y.gz", gzip.compress(LINE)[:9]),
        ("z", b""),
    ):
        (tmp_path / name).write_bytes(data)
        assert not is_archive(tmp_path / name)


@pytest.mark.parametrize(
    "data", [tar("w", FILES), tar("w:gz", FILES), zipped(FILES)], ids=["tar", "tar.gz", "zip"]
)
def test_an_archive_on_a_stream_is_refused_and_not_read_as_text(data: bytes) -> None:
    with pytest.raises(InputError, match="stream") as refused:
        list(ForeignFile("-", io.BytesIO(data)))
    assert refused.value.code == "archive_in_stream"
