"""Folders of what is kept: whose they become, and names of writers that nobody else has."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from fengsui.errors import StoreError
from sensors.live.kept import KeptFiles, KeptPackets, give_folder, writer_name
from sensors.live.messages import Task

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")


def owner(path: Path) -> str:
    return pwd.getpwuid(path.stat().st_uid).pw_name


def test_writer_names_are_plain_stable_and_different() -> None:
    assert writer_name("egress-1", "eth1", "0") == "egress-1-eth1-0"
    odd = [("s", "eth0.1", "0"), ("s", "eth0-1", "0"), ("x" * 70, "eth0", "0"), ("x" * 70, "eth0", "1"),
           ("传感器", "eth0", "0"), ("采集器", "eth0", "0")]  # fmt: skip
    names = [writer_name(*one) for one in odd]
    assert names == [writer_name(*one) for one in odd]
    assert len(set(names)) == len(odd)
    assert all(len(name) <= 64 and name.isascii() for name in names)


def test_a_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    give_folder(tmp_path / "a" / "b", "")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


@as_root
def test_a_closed_folder_goes_to_the_user_with_what_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "packets"
    give_folder(folder, "")
    (folder / "segment").touch()
    (folder / "link").symlink_to(tmp_path)
    give_folder(folder, "nobody")
    assert [owner(folder), owner(folder / "segment"), owner(tmp_path)] == [
        "nobody",
        "nobody",
        "root",
    ]
    (folder / "later").touch()
    give_folder(folder, "nobody")  # it is the user's now: what is in it may be of anybody's choice
    assert owner(folder / "later") == "root"


@as_root
def test_a_folder_that_others_use_is_not_given_away(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    (folder / "theirs").touch()
    with pytest.raises(StoreError) as caught:
        give_folder(folder, "nobody")
    assert caught.value.code == "kept_folder"
    assert len(str(caught.value).splitlines()) == 3
    assert owner(folder) == owner(folder / "theirs") == "root"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError):
        give_folder(tmp_path / "file" / "folder", "")


def test_a_task_survives_the_command_line() -> None:
    packets = KeptPackets("/p", 1, 2, 3, 4, "/key", ["/old"])
    files = KeptFiles("/f", ["image/*"], 5, 6)
    for kept in ({}, {"packets": packets, "files": files}):
        task = Task("eth1", 3, 4, 64, 1, "s", {"cn.plane": "数据"}, 100, ["dns"], **kept)  # type: ignore[arg-type]
        assert Task.of_argument(task.as_argument()) == task
    with pytest.raises(TypeError):
        Task.of_argument("[]")
