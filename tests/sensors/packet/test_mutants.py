"""Twelve thousand mutants of real and of made captures keep every law of the decoder and its parsers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sensors.packet.native import warm_up
from tests.sensors.packet.mutant_laws import BROKEN

MUTANTS = 10_000
GROWTH = 20 * 1024  # KiB of memory from the thousandth mutant to the last
SECONDS = 5.0  # a hundred mutants, or one spoilt container


def hold(failures: Path, *more: str) -> dict[str, Any]:
    """Run the laws in a process of their own; its report."""
    warm_up()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.sensors.packet.mutant_laws",
            *more,
            "--failures",
            str(failures),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode in {0, BROKEN}, f"{done.returncode}: {done.stderr[-4000:]}"
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def judge(report: dict[str, Any]) -> None:
    assert report["broken"] == []
    assert report["tracebacks"] == {}
    wrong = [name for name in report["losses"] if name.endswith(("parser_error", "_error.error"))]
    assert wrong == []
    assert report["slowest"] < SECONDS
    assert report["events"] > report["mutants"]
    early = max(size for mutants, size in report["rss"] if mutants <= 1100)
    last = sorted(size for _, size in report["rss"][-5:])[2]
    assert last <= early + GROWTH, f"{early} KiB after the first thousand, {last} at the end"


def test_mutants_of_our_own_captures(tmp_path: Path) -> None:
    report = hold(tmp_path, "--count", "2200")
    judge(report)
    assert len(report["datasets"]) >= 50


@pytest.mark.bench
def test_mutants_of_every_capture_of_the_bench(tmp_path: Path) -> None:
    bench = Path(os.environ.get("FENGSUI_BENCH", "../shared/bench"))
    if not bench.is_dir():
        pytest.skip(f"FENGSUI_BENCH={bench} is not there")
    report = hold(tmp_path, "--count", str(MUTANTS), "--bench", str(bench))
    judge(report)
    assert report["mutants"] >= MUTANTS
