from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from detections.sigma import cache
from detections.sigma.cache import loaded_once
from detections.sigma.loaded import Loaded
from detections.sigma.loader import load

RULE = """
title: {title}
id: 5f1d3c9e-6c7b-4b0a-9d57-0d1f3c2b7a{number:02}
logsource: {{category: dns}}
detection: {{s: {{query: x}}, condition: s}}
"""


class Counting:
    """Loads and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, places: Sequence[Path]) -> Loaded:
        self.times += 1
        return load(places)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules/deep"
    folder.mkdir(parents=True)
    (folder / "a.yml").write_text(RULE.format(title="A", number=1))
    return tmp_path / "rules"


def test_rules_are_read_once_until_something_changes(rules: Path, tmp_path: Path) -> None:
    count, folder = Counting(), tmp_path / "cache"

    def again(**placeholders: list[str]) -> tuple[int, Loaded]:
        found = loaded_once([rules], placeholders, count, folder)
        return count.times, found

    first = again()
    assert again() == first
    (rules / "deep/a.yml").write_text(RULE.format(title="B", number=1))
    times, found = again()
    assert (times, found.rules[0].title.render("en")) == (2, "B")
    (rules / "b.yml").write_text("title: broken")
    assert again()[0] == 3
    assert len(again()[1].refused) == 1
    (rules / "LICENSE").write_text("Detection Rule License (DRL) 1.1")
    times, found = again()
    assert (times, found.rules[0].licence) == (4, "DRL 1.1")
    assert again(name=["x"])[0] == 5
    assert again(name=["y"])[0] == 6
    (rules / "b.yml").unlink()
    assert again()[0] == 7


def test_a_licence_above_a_place_inside_another_is_seen(rules: Path, tmp_path: Path) -> None:
    count, folder = Counting(), tmp_path / "cache"
    places = [rules / "deep/er", rules]
    places[0].mkdir()
    (places[0] / "c.yml").write_text(RULE.format(title="C", number=2))
    (rules / "deep/a.yml").unlink()
    assert loaded_once(places, {}, count, folder).rules[0].licence == ""
    (rules / "deep/LICENSE").write_text("Detection Rule License (DRL) 1.1")
    loaded_once(places, {}, count, folder)
    assert count.times == 2


@pytest.mark.parametrize("harm", ["cut", "empty", "changed", "folder"])
def test_a_damaged_cache_is_not_used(rules: Path, tmp_path: Path, harm: str) -> None:
    count, folder = Counting(), tmp_path / "cache"
    loaded_once([rules], {}, count, folder)
    (file,) = folder.iterdir()
    data = file.read_bytes()
    if harm == "folder":
        file.unlink()
        file.mkdir()
    else:
        harmed = {"cut": data[:-3], "empty": b"", "changed": data.replace(b"dns", b"DNS")}
        file.write_bytes(harmed[harm])
    assert loaded_once([rules], {}, count, folder) == load([rules])
    assert count.times == 2


def test_a_folder_that_cannot_be_written_costs_only_time(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert len(loaded_once([rules], {}, load, tmp_path / "cache/sub").rules) == 1


def test_the_cache_stays_small_and_takes_writers_at_once(rules: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: loaded_once([rules], {}, load, folder), range(8)))
    assert all(one == found[0] for one in found)
    for number in range(12):
        loaded_once([rules], {"n": [str(number)]}, load, folder)
    assert len(list(folder.iterdir())) <= cache._KEPT


def _aged(folder: Path, by: float = 60.0) -> None:
    """Files of a minute ago; the clock of their last change is told by the test."""
    past = time.time() - by
    for file in folder.rglob("*"):
        os.utime(file, (past, past))


def test_files_that_look_the_same_are_not_read_again(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, folder = Counting(), tmp_path / "cache"
    monkeypatch.setattr(cache, "_COARSE", -(10**12))  # as if an hour had gone by
    first = loaded_once([rules], {}, count, folder)
    (note,) = folder.glob("*.same")
    with monkeypatch.context() as patch:
        patch.setattr(cache, "_digest", lambda _path: pytest.fail("a file was read"))
        assert loaded_once([rules], {}, count, folder) == first
    (rules / "deep/a.yml").write_text(RULE.format(title="B", number=1))  # of the same size
    assert loaded_once([rules], {}, count, folder).rules[0].title.render("en") == "B"
    assert count.times == 2
    for harm in ("", "0" * 40, "../../x"):
        for one in folder.glob("*.same"):
            one.write_text(harm)
        assert loaded_once([rules], {}, count, folder).rules[0].title.render("en") == "B"
    assert count.times == 2
    assert note.is_file()


def test_files_that_changed_just_now_are_not_trusted_by_their_looks(
    rules: Path, tmp_path: Path
) -> None:
    _aged(rules)  # a time that a program set; when the file changed, the system says itself
    loaded_once([rules], {}, load, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*.same"))


def test_a_shelf_that_looks_otherwise_is_read_to_its_end_before_it_is_used(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_COARSE", -(10**12))  # as if an hour had gone by
    count, folder = Counting(), tmp_path / "cache"
    loaded_once([rules], {}, count, folder)
    loaded_once([rules], {}, count, folder)
    assert count.times == 1
    (shelf,) = folder.glob("*.shelf")
    data = bytearray(shelf.read_bytes())
    data[-3] ^= 1
    shelf.write_bytes(data)
    loaded_once([rules], {}, count, folder)
    assert count.times == 2
