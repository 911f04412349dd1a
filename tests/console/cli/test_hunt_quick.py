from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from console.cli.hunt import hunt
from console.cli.hunt_quick import OPTIONS, understood

RULE = """
title: T
logsource: {product: windows, category: process_creation}
detection: {s: {CommandLine|contains: whoami}, condition: s}
"""
EVENT = (
    '{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","CommandLine":"whoami /all"}\n'
)


def test_its_options_are_those_of_the_command() -> None:
    parameters = inspect.signature(hunt).parameters
    for name, (parameter, _) in OPTIONS.items():
        assert name in parameters[parameter].default.param_decls
    of_queries = {"since", "until", "limit", "columns", "store", "what", "foreign"}
    assert set(parameters) - {one for one, _ in OPTIONS.values()} == of_queries


@pytest.mark.parametrize(
    "words",
    [
        ["event.dataset:dns"],
        ["--rules"],
        ["--rules", "r", "--help"],
        ["--rules", "r", "f", "--limit-hits", "many"],
        ["--rules", "r", "f", "--limit-hits", "-1"],
        ["--rules", "r", "f", "--since", "2026"],
        ["--rules", "r", "f", "--json=1"],
        ["--rules", "r", "--", "-f"],
        ["--rules", "r", "f", "-oout"],
    ],
)
def test_the_unusual_is_left_to_typer(words: list[str]) -> None:
    assert understood(words) is None


def test_the_usual_is_understood() -> None:
    words = ["--rules", "r", "f", "--rules=s", "-", "-o", "x", "--level=high", "--json"]
    words += ["--limit-hits", "3"]
    assert understood(words) == {
        "rules": ["r", "s"],
        "what": ["f", "-"],
        "output": Path("x"),
        "level": "high",
        "as_json": True,
        "limit_hits": 3,
    }


def test_a_hunt_over_lines_imports_no_typer_and_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "r.yml").write_text(RULE)
    (tmp_path / "e.jsonl").write_text(EVENT)
    words = ["hunt", "--rules", str(tmp_path / "r.yml"), str(tmp_path / "e.jsonl"), "--json"]
    code = (
        f"import sys; sys.argv = ['fengsui', *{words!r}]; from console.cli.main import main; main(); "
        "print(*{'typer', 'rich', 'pydantic', 'numpy', 'numba', 'duckdb'} & {*sys.modules}, "
        "file=sys.stderr)"
    )
    environment = {"HOME": str(tmp_path)}
    quick = [sys.executable, "-c", code]
    ran = subprocess.run(quick, env=environment, capture_output=True, text=True, check=True)
    assert ran.stderr == "\n"
    whole = [sys.executable, "-m", "console.cli.main", *words, "--columns", "x"]
    slow = subprocess.run(whole, env=environment, capture_output=True, text=True, check=True)
    cut = '"seconds"'
    assert ran.stdout.partition(cut)[0] == slow.stdout.partition(cut)[0]
    assert '"hits": 1' in ran.stdout
