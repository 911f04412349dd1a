"""`fengsui system` and `fengsui check list|show|report|catalogue`: for cron, with documents."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.compliance.demonstration import SAMPLES
from console.published import document

MAIN = [sys.executable, "-m", "console.cli.main"]
Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def act(*words: str, status: int = 0) -> subprocess.CompletedProcess[bytes]:
        command = [*MAIN, "--home", str(tmp_path / "home"), *words]
        done = subprocess.run(command, check=False, capture_output=True)
        assert done.returncode == status, done.stderr.decode()
        return done

    return act


def test_a_system_from_filing_to_papers(run: Run, tmp_path: Path) -> None:
    run(
        "system",
        "add",
        "portal",
        "--name",
        "门户",
        "--unit",
        "中心",
        "--profile",
        "S3A3",
        "--set",
        "filed=2026-01-20",
    )
    run("system", "add", "portal", "--set", "public=true")
    run("system", "bring", "portal", str(SAMPLES / "core-switch.cfg"))
    done: Any = json.loads(run("system", "run", "portal", "--json").stdout)
    document("system-run").model_validate(done)
    assert sum(done["counts"].values()) == 211
    page = json.loads(run("system", "show", "portal", "--json").stdout)
    document("system").model_validate(page)
    assert page["register_row"]["filed"] == "2026-01-20"
    assert page["register_row"]["public"] is True
    papers = tmp_path / "papers"
    run("check", "report", "portal", "--paper", "problems", "--paper", "poam", "-o", str(papers))
    assert sorted(path.suffix for path in papers.iterdir()) == [".json", ".xlsx"]


def test_the_catalogue_goes_out_and_texts_come_in(run: Run, tmp_path: Path) -> None:
    out = json.loads(run("check", "catalogue", "--oscal").stdout)
    control = out["catalog"]["groups"][0]["groups"][0]["controls"][0]
    control["parts"] = [{"name": "statement", "prose": "own text"}]
    brought = tmp_path / "licensed.json"
    brought.write_text(json.dumps(out))
    assert b"1 with text" in run("check", "catalogue", "--import", str(brought)).stdout
    found = json.loads(run("check", "show", control["id"], "--json").stdout)
    assert found["text"] == "own text"
    profile = json.loads(run("check", "catalogue", "--oscal", "--profile", "S2A3").stdout)
    assert len(profile["profile"]["imports"][0]["include-controls"][0]["with-ids"]) == 202


def test_what_is_wrong_is_said(run: Run) -> None:
    for words in (
        ("system", "add", "x", "--name", "n", "--unit", "u", "--profile", "S9A3"),
        ("system", "add", "x"),
        ("system", "show", "nowhere"),
        ("check", "list", "--profile", "S3"),
    ):
        command_status = {"S9A3": 10, "x": 2, "nowhere": 14, "S3": 10}[words[-1]]
        done = run(*words, status=command_status)
        assert b"error:" in done.stderr
