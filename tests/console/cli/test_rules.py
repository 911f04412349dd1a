from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from console.cli.main import make_app
from console.published import document

RUNNER = CliRunner()
APP = make_app(["rules"])
GOOD = """title: A name
id: 6b1f7f0e-0c3a-4a57-9f6e-0a1b2c3d4e5f
description: What it is
tags: [attack.t1071.004]
author: Ours
level: high
logsource: {category: dns}
detection: {s: {query: x.example}, condition: s}
fengsui:
  samples:
    fire: [{dns.question.name: x.example}]
    quiet: [{dns.question.name: y.example}]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FENGSUI_HOME", str(tmp_path / "home"))
    return tmp_path


def rules(folder: Path, **files: str) -> Path:
    place = folder / "rules"
    place.mkdir()
    for name, text in files.items():
        (place / f"{name}.yml").write_text(text, "utf-8")
    return place


def run(*words: str | Path) -> Result:
    return RUNNER.invoke(APP, ["rules", *map(str, words)])


def answer(name: str, result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    document(name).model_validate(found)
    return found


def test_without_a_command_it_lists_as_list_does(home: Path) -> None:
    alone, named = run("--json"), run("list", "--json")
    assert (alone.exit_code, named.exit_code) == (0, 0)
    assert answer("rules", alone) == answer("rules", named)


def test_coverage_names_what_is_missing(home: Path) -> None:
    place = rules(
        home,
        good=GOOD,
        odd=GOOD.replace("6b1f", "6b2f").replace("query:", "odd:"),
        windows=GOOD.replace("6b1f", "6b3f").replace(
            "{category: dns}", "{product: windows, service: security}"
        ),
        broken=GOOD.replace("6b1f", "6b4f").replace("query:", "query|nothing:"),
    )
    found = answer("rules-coverage", run("coverage", "--rules", place, "--json"))
    assert found["states"] == {"live": 1, "partial": 0, "inert": 2, "refused": 1}
    assert found["missing"] == [
        {"field": "odd", "logsource": "category dns", "rules": 1, "unlocks": 1}
    ]
    logs = answer("rules-coverage", run("coverage", "--rules", place, "--logs", "--json"))
    assert logs["states"]["live"] == 3
    inert = answer(
        "rules-coverage", run("coverage", "--rules", place, "--state", "inert", "--json")
    )
    assert {row["state"] for row in inert["rules"]} == {"inert"}
    shown = run("coverage", "--rules", place).stdout
    assert "1 live · 0 partial · 2 inert · 1 refused" in shown
    assert "map this field and 1 go live" in shown


def test_show_tells_all_of_one_rule(home: Path) -> None:
    place = rules(home, good=GOOD)
    for word in ("6b1f7f0e-0c3a-4a57-9f6e-0a1b2c3d4e5f", "6b1f", "a NAME"):
        found = answer("rules-show", run("show", word, "--rules", place, "--json"))
        assert found["coverage"]["state"] == "live"
        assert [one["ok"] for one in found["samples"]] == [True, True]
        assert found["example"] == {"event.dataset": "dns", "dns.question.name": "x.example"}
        assert yaml.safe_load(found["source"])["title"] == "A name"
    assert "x.example" in run("show", "6b1f", "--rules", place).stdout
    missing = run("show", "nothing", "--rules", place)
    assert missing.exit_code != 0
    assert "No rule is called 'nothing'" in str(missing.exception)


def test_check_names_file_line_and_reason_and_fails_on_errors(home: Path) -> None:
    place = rules(home, good=GOOD)
    fine = run("check", place)
    assert (fine.exit_code, fine.stdout.strip()) == (0, "1 rules, 0 errors, 0 warnings")
    bad = place / "bad.yml"
    bad.write_text(GOOD.replace("6b1f", "6b2f").replace("query:", "query|nothing:"), "utf-8")
    wrong = place / "wrong.yml"
    wrong.write_text(GOOD.replace("6b1f", "6b3f").replace("y.example", "x.example"), "utf-8")
    result = run("check", place)
    assert result.exit_code == 1
    assert f"{bad}:8: error: " in result.stdout
    assert f"{wrong}:1: error: sample 1 of 'quiet' fires" in result.stdout
    found = answer("rules-check", run("check", place, "--json"))
    assert (found["rules"], found["errors"]) == (2, 2)


def test_what_nothing_feeds_is_a_warning_that_fails_when_asked(home: Path) -> None:
    odd = rules(home, odd=GOOD.replace("category: dns", "product: nobody").split("fengsui:")[0])
    result = run("check", odd)
    assert result.exit_code == 0
    assert "warning: inert: nothing feeds the log source product nobody" in result.stdout
    assert run("check", "--strict", odd).exit_code == 1


def test_the_pipeline_is_yaml_with_an_end_for_what_we_have_not(home: Path) -> None:
    made = yaml.safe_load(run("pipeline").stdout)
    assert {one["type"] for one in made["transformations"][-2:]} == {
        "rule_failure", "detection_item_failure",
    }  # fmt: skip


@pytest.mark.parametrize("command", ["list", "coverage", "show", "check", "pipeline"])
def test_every_command_has_an_example(command: str) -> None:
    assert "Example" in run(command, "--help").stdout
