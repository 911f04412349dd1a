from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
import zstandard
from typer.testing import CliRunner

from console.cli.main import make_app
from console.published import document
from fengsui.errors import FengsuiError

RUNNER = CliRunner()
APP = make_app(["hunt"])
RULES = """
title: who am i
id: 00000000-0000-4000-8000-000000000001
level: high
author: Somebody
license: DRL 1.1
logsource: {product: windows, category: process_creation}
detection: {s: {CommandLine|contains: whoami}, condition: s}
---
title: listed
id: 00000000-0000-4000-8000-000000000002
level: informational
logsource: {product: windows, category: process_creation}
detection: {s: {CommandLine|contains|expand: "%tools%"}, condition: s}
---
title: often
id: 00000000-0000-4000-8000-000000000003
level: critical
correlation:
  type: event_count
  rules: [00000000-0000-4000-8000-000000000001]
  group-by: [User]
  timespan: 1m
  generate: true
  condition: {gte: 2}
---
title: never
id: 00000000-0000-4000-8000-000000000004
logsource: {category: telepathy}
detection: {s: {a: b}, condition: s}
"""


def event(second: int, command: str) -> dict[str, object]:
    return {
        "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "CommandLine": command,
        "UtcTime": f"2026-11-21 08:00:{second:02}.000", "User": "a",
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/a.yml").write_text(RULES)
    events = [event(1, "cmd /c whoami"), event(2, "dir"), event(3, "WHOAMI /all")]
    (tmp_path / "e.jsonl").write_bytes(b"\n".join([*map(orjson.dumps, events), b"{broken", b"[]"]))
    return tmp_path


def hunted(folder: Path, *words: str) -> dict[str, Any]:
    result = RUNNER.invoke(
        APP, ["hunt", "--rules", str(folder / "rules"), *words, "--json"], catch_exceptions=False
    )
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    document("hunt_rules").model_validate(found)
    document("hunt").model_validate(found)
    return dict(found)


def short(found: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(hit["title"], hit["level"], hit["number"]) for hit in found["hits"]]


def test_the_document_says_what_fired_and_what_could_not(folder: Path) -> None:
    found = hunted(folder, str(folder / "e.jsonl"))
    assert short(found) == [
        ("who am i", "high", 0), ("who am i", "high", 2), ("often", "critical", 2),
    ]  # fmt: skip
    assert found["events"] == 3
    assert found["rules"]["loaded"] == 3
    (refused,) = found["rules"]["refused"]
    assert "%tools%" in refused["reason"]
    assert [one["title"] for one in found["rules"]["inert"]] == ["never"]
    assert [(one["what"], one["count"], one["number"]) for one in found["counted"]] == [
        ("not JSON", 1, 3),
        ("not an object", 1, 4),
    ]
    assert found["rules"]["matched"][1] == {
        "rule": "00000000-0000-4000-8000-000000000001",
        "title": "who am i",
        "level": "high",
        "hits": 2,
        "author": "Somebody",
        "licence": "DRL 1.1",
    }


def test_an_empty_log_holds_no_events(folder: Path) -> None:
    (folder / "empty.jsonl").touch()
    found = hunted(folder, str(folder / "empty.jsonl"))
    assert (found["hits"], found["events"]) == ([], 0)
    assert found["files"][0]["error"]["code"] == "empty"


def test_options_choose_what_is_shown(folder: Path) -> None:
    (folder / "names.yml").write_text("tools: [dir, net]\n")
    file = str(folder / "e.jsonl")
    found = hunted(folder, file, "--placeholders", str(folder / "names.yml"))
    assert ("listed", "informational", 1) in short(found)
    assert short(hunted(folder, file, "--level", "critical")) == [("often", "critical", 2)]
    chosen = ("--rule", "00000000-0000-4000-8000-000000000001", "--limit-hits", "1")
    found = hunted(folder, file, *chosen)
    assert short(found) == [("who am i", "high", 0)]
    assert found["rules"]["matched"][0]["hits"] == 2


def test_a_log_source_is_given_to_events_of_unknown_shape(folder: Path) -> None:
    (folder / "f.json").write_text(json.dumps([{"CommandLine": "whoami"}, {"CommandLine": "x"}]))
    found = hunted(folder, str(folder / "f.json"))
    assert (short(found), found["counted"][0]["count"]) == ([], 2)
    words = ("--logsource", "category=process_creation,product=windows")
    assert short(hunted(folder, str(folder / "f.json"), *words)) == [("who am i", "high", 0)]


def test_folders_are_walked_and_what_cannot_be_read_stops_nothing(folder: Path) -> None:
    inside = folder / "logs/deep"
    inside.mkdir(parents=True)
    (inside / "a.jsonl").write_bytes((folder / "e.jsonl").read_bytes())
    (inside / "empty.log").write_bytes(b"")
    (inside / ".hidden").write_bytes(b"x")
    found = hunted(folder, str(folder / "logs"))
    assert {Path(hit["file"]).name for hit in found["hits"]} == {"a.jsonl"}
    assert [one["error"] and one["error"]["code"] for one in found["files"]] == [None, "empty"]


@pytest.mark.parametrize("form", ["table", "csv", "markdown"])
def test_other_forms_name_rule_author_and_licence(folder: Path, form: str) -> None:
    out = folder / "out"
    words = [
        "hunt",
        "--rules",
        str(folder / "rules"),
        str(folder / "e.jsonl"),
        "--format",
        form,
        "-o",
        str(out),
    ]
    result = RUNNER.invoke(APP, words, catch_exceptions=False)
    assert result.exit_code == 0
    text = out.read_text()
    assert all(word in text for word in ("who am i", "Somebody", "DRL 1.1", "e.jsonl"))


@pytest.mark.parametrize(
    "words",
    [
        ["--rules", "RULES"],
        ["--rules", "RULES", "FILE", "--format", "xml"],
        ["--rules", "RULES", "FILE", "--level", "loud"],
        ["--rules", "RULES", "FILE", "--logsource", "colour=red"],
        ["--rules", "RULES", "FILE", "--rule", "nothing"],
        ["--rules", "RULES", "FILE", "--placeholders", "missing.yml"],
        ["--rules", "RULES", "missing.log"],
        ["--rules", "missing", "FILE"],
        ["one", "two"],
    ],
)
def test_wrong_words_say_what_to_do_next(folder: Path, words: list[str]) -> None:
    places = {"RULES": str(folder / "rules"), "FILE": str(folder / "e.jsonl")}
    result = RUNNER.invoke(APP, ["hunt", *(places.get(word, word) for word in words)])
    assert isinstance(result.exception, FengsuiError)
    assert result.exception.next


def test_every_regression_case_fires(folder: Path, bench: Callable[[str], Path]) -> None:
    for name in ("sigmahq_rules", "regression_half"):
        packed = bench(f"sigma/{name}.tar.zst").read_bytes()
        plain = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)).read()
        with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
            archive.extractall(folder / name, filter="data")
    words = [
        "hunt",
        "--rules",
        str(folder / "sigmahq_rules"),
        str(folder / "regression_half"),
        "--json",
    ]
    result = RUNNER.invoke(APP, words, catch_exceptions=False)
    hits = {(hit["file"], hit["rule"]) for hit in json.loads(result.stdout)["hits"]}
    cases = sorted((folder / "regression_half").rglob("info.yml"))
    assert len(cases) == 102
    for case in cases:
        rule = yaml.safe_load(case.read_text("utf-8"))["rule_metadata"][0]["id"]
        for file in case.parent.iterdir():
            assert file.name == "info.yml" or (str(file), rule) in hits, file


def test_the_files_of_a_zip_file_are_hunted_each(folder: Path) -> None:
    archive = folder / "logs.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("pc/e.jsonl", (folder / "e.jsonl").read_bytes())
        packed.writestr("f.json", orjson.dumps(event(9, "whoami")))
    (folder / "cut.zip").write_bytes(archive.read_bytes()[:99])
    found = hunted(folder, str(archive), str(folder / "cut.zip"))
    names = [str(archive / name) for name in ("f.json", "pc/e.jsonl")]
    assert [one["file"] for one in found["files"]] == [*names, str(folder / "cut.zip")]
    hits = [(hit["file"], hit["number"]) for hit in found["hits"] if hit["level"] == "high"]
    assert hits == [(names[0], 0), (names[1], 0), (names[1], 2)]
    assert [one["error"] and one["error"]["code"] for one in found["files"]] == [
        None,
        None,
        "damaged",
    ]
