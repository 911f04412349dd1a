"""The generator of the console's sentences."""

from __future__ import annotations

import json
from pathlib import Path

from console.web.catalogue import document, write
from fengsui.attack import TACTIC_ORDER, TACTICS, techniques
from fengsui.text import catalogue


def test_every_sentence_is_there_in_both_languages() -> None:
    messages = document()["messages"]
    assert messages == {key: dict(entry) for key, entry in catalogue().items()}
    assert "web.queue.what" in catalogue()


def test_tactics_keep_the_order_of_an_intrusion() -> None:
    tactics = document()["tactics"]
    assert tuple(tactic["key"] for tactic in tactics) == TACTIC_ORDER
    assert all(set(tactic) == {"key", "id", "zh", "en"} for tactic in tactics)


def test_an_unchanged_catalogue_leaves_the_file_alone(tmp_path: Path) -> None:
    target = tmp_path / "catalogue.json"
    count = write(target)
    before = target.stat().st_mtime_ns
    assert write(target) == count == len(json.loads(target.read_text("utf-8"))["messages"])
    assert target.stat().st_mtime_ns == before


def test_every_technique_has_both_names_and_tactics_that_exist() -> None:
    known = techniques()
    assert len(known) > 200
    for one in document()["techniques"]:
        assert set(one) == {"id", "zh", "en", "tactics"}
        assert one["zh"]
        assert one["en"]
    assert {tactic for one in known.values() for tactic in one.tactics} == set(TACTICS)
