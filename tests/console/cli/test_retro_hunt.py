"""`fengsui retro-hunt`: documents, lists, and what it says of what it cannot do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.cli.main import make_app
from console.published import document
from console.wiring import open_stores
from fengsui.errors import FengsuiError, InputError, UsageError
from fengsui.event import make_event
from fengsui.settings import load_settings
from tests.fengsui.store.sql.samples import T0

RUNNER = CliRunner()
APP = make_app(["retro_hunt"])
RULE = """title: Bad name
id: 6b1f7f0e-0c3a-4a57-9f6e-0a1b2c3d4e5f
level: high
logsource: {category: dns}
detection: {s: {query: bad.example}, condition: s}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("FENGSUI_HOME", str(home))
    with open_stores(load_settings({}, home=home).settings, writable=True) as stores:
        stores.events.append(
            [
                make_event(
                    id=f"{n:032x}",
                    time=T0 + n * 1000,
                    dataset="dns",
                    fields={"dns.question.name": "bad.example" if n % 2 else "good.example"},
                )
                for n in range(8)
            ]
        )
    (tmp_path / "rule.yml").write_text(RULE, "utf-8")
    return tmp_path


def run(*words: str | Path) -> Result:
    result = RUNNER.invoke(APP, ["retro-hunt", *map(str, words)])
    if isinstance(result.exception, FengsuiError):
        raise result.exception
    return result


def answer(name: str, *words: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*words, "--json").stdout)
    document(name).model_validate(found)
    return found


def test_documents(home: Path) -> None:
    rule = home / "rule.yml"
    cost = answer("retro-hunt-estimate", rule, "--estimate")
    assert (cost["stored"], cost["candidates"]) == (8, 4)
    assert answer("retro-hunts", "--list") == {"hunts": []}
    found = answer("retro-hunt", rule, "--limit-hits", "1")
    assert (found["status"], found["hits"], len(found["listed"])) == ("done", 4, 1)
    assert answer("retro-hunt", "--indicator", "bad.example")["hits"] == 4
    assert answer("retro-hunt", "--query", "good.example", "--until", "2001-01-01")["hits"] == 0
    (hunt, *_) = answer("retro-hunts", "--list")["hunts"][::-1]
    assert (hunt["job"], hunt["hits"], hunt["what"]) == (found["job"], 4, str(rule))


def test_for_people(home: Path) -> None:
    text = run(home / "rule.yml").stdout
    assert "4 hits in 4 events" in text
    assert "Bad name" in text
    assert (
        "8 events stored in that time, 4 to be confirmed"
        in run(home / "rule.yml", "--estimate").stdout
    )
    assert "done" in run("--list").stdout


def test_what_cannot_be_done(home: Path) -> None:
    (home / "list.txt").write_bytes(b"\xff")
    for words in (
        ["--indicators", home / "list.txt"],
        ["--indicators", home / "none.txt"],
        [],
        ["x", "--query", "y"],
    ):
        with pytest.raises(InputError):
            run(*words)
    with pytest.raises(UsageError):
        run("--indicator", "bad.example", "--indicators", home / "list.txt")
