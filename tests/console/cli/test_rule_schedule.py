"""`fengsui rules scheduled`: what is chosen, one run by hand, the document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.cli.main import make_app
from console.published import document
from console.wiring import open_stores
from fengsui.clock import SECOND, WallClock
from fengsui.errors import FengsuiError, InputError, UsageError
from fengsui.event import make_event
from fengsui.settings import load_settings
from tests.console.retro.test_scheduled import MANY, RULES

RUNNER = CliRunner()
APP = make_app(["rules", "health"])


def run(*words: str) -> Result:
    result = RUNNER.invoke(APP, list(words))
    if isinstance(result.exception, FengsuiError):
        raise result.exception
    return result


def answer(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("rules", "scheduled", *words, "--json").stdout)
    document("rules-scheduled").model_validate(found)
    return found


def test_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, now = tmp_path / "home", WallClock().now()
    (tmp_path / "many.yml").write_text(RULES, "utf-8")
    monkeypatch.setenv("FENGSUI_HOME", str(home))
    assert answer()["rules"] == []
    with pytest.raises(InputError) as error:
        run("rules", "scheduled", "--run")
    assert error.value.code == "none_chosen"
    monkeypatch.setenv("FENGSUI_DETECTION_RULES", str(tmp_path / "many.yml"))
    monkeypatch.setenv("FENGSUI_DETECTION_SCHEDULED", f"{MANY},nothing")
    fields: dict[str, Any] = {"source.ip": "10.0.0.5", "dns.question.name": "bad.example"}
    events = [
        make_event(id=f"{n:032x}", time=now - (500 - n) * SECOND, dataset="dns", fields=fields)
        for n in range(8)
    ]
    with open_stores(load_settings({}, home=home).settings, writable=True) as stores:
        stores.events.append(events)
    listed = answer()
    assert ([one["id"] for one in listed["rules"]], listed["last"]) == ([MANY], None)
    assert listed["left_out"] == [{"rule": "nothing", "why": "no rule has this id or name"}]
    assert "No run yet" in run("rules", "scheduled").stdout
    found = answer("--run", "--since", "2020-01-01")["last"]
    assert (found["status"], found["events"], found["raised"]) == ("done", 8, 1)
    again = answer("--run")["last"]
    assert (again["hits"], again["raised"], again["by"]) == (0, 0, "command line")
    text = run("rules", "scheduled").stdout
    assert "0 raised" in text
    assert "no rule has this id or name" in " ".join(text.split())
    told = json.loads(run("health", "--json").stdout)["roles"]["scheduled"]
    assert (told["status"], "place" in told) == ("done", False)
    with pytest.raises(UsageError):
        run("rules", "scheduled", "--since", "yesterday")
