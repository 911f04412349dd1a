"""Runs everything that must hold, in order, each part with one line of result.

`python -m tests.run fast|all`. Ends with `N passed, N failed, N skipped` over all pytest and
Vitest tests, and with the status of the worst part. A pytest that fails is run once more: real
servers and live links share the machine with whatever else runs on it. What holds only then is
named as unsteady, to be mended.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CACHE = ROOT / ".pytest_cache/run"
# Of this run alone: where pytest keeps folders by itself, a third run elsewhere clears away ours.
SCRATCH = Path(tempfile.gettempdir()) / f"fengsui-tests-{os.getpid()}"
APP = ROOT / "console/web/app"
_COUNT = re.compile(r"(\d+) (passed|failed|skipped|error)")
_SUMMARY = re.compile(
    r"^(?:=* ?\d+ \w+.* in [\d.]+s\b|\s*Tests\s+\d).*$", re.MULTILINE
)  # both tools'
_TOLD = 12_000  # characters of what failed
FAILING = re.compile(r"^FAILED (\S+::.*)$", re.MULTILINE)  # as pytest sums up


@dataclass(frozen=True)
class Part:
    """One part of the tests: what to run, where, and whether it belongs to the fast ones."""

    name: str
    command: tuple[str, ...]
    fast: bool = True
    folder: Path = ROOT
    counts: bool = False


def pytest(name: str, *paths: str, fast: bool = True, without: str = "") -> Part:
    """A part that pytest runs; `without` names folders left to other parts."""
    command = [str(BIN / "python"), "-m", "pytest", "-q", "-o", f"cache_dir={CACHE}", *paths]
    command.append(f"--basetemp={SCRATCH}-{name}")
    command += [f"--ignore={folder}" for folder in without.split()]
    return Part(name, tuple(command), fast=fast, counts=True)


PARTS = (
    Part("lint", (str(BIN / "ruff"), "check", "--quiet", ".")),
    Part("format", (str(BIN / "ruff"), "format", "--quiet", "--check", ".")),
    Part("types (mypy)", (str(BIN / "mypy"),)),
    Part("types (pyright)", (str(BIN / "pyright"), "--warnings")),
    Part("layer contract", (str(BIN / "lint-imports"),)),
    pytest("unit", "tests", without="tests/contract tests/journeys tests/peers"),
    pytest("peers", "tests/peers", fast=False),
    pytest("contract", "tests/contract", fast=False),
    pytest("journeys", "tests/journeys", fast=False),
    Part("web types", ("npm", "run", "--silent", "typecheck"), fast=False, folder=APP),
    Part("web tests", ("npm", "test", "--silent"), fast=False, folder=APP, counts=True),
)

NEEDED = {
    "chromium": "apt-get install chromium (journeys in the browser)",
    "tshark": "apt-get install tshark (dissection of packets)",
}


def main(which: str) -> int:
    """Run the parts; 0 when all hold."""
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    failed: list[str] = []
    unsteady: list[str] = []
    for part in PARTS:
        if which == "fast" and not part.fast:
            continue
        ok, line, output = run(part, totals, unsteady)
        print(f"{'ok  ' if ok else 'FAIL'}  {part.name:16} {line}", flush=True)
        if not ok:
            failed.append(part.name)
            print(output[-_TOLD:], flush=True)
    for folder in SCRATCH.parent.glob(f"{SCRATCH.name}-*"):
        shutil.rmtree(folder, ignore_errors=True)
    for tool, command in NEEDED.items():
        if shutil.which(tool) is None:
            print(f"skipped: {tool} is not installed; {command}")
    for name in unsteady:
        print(f"unsteady, held at the second try only: {name}")
    print("failed parts: " + ", ".join(failed) if failed else "everything holds")
    failures = totals["failed"] + (len(failed) if not totals["failed"] else 0)
    print(f"{totals['passed']} passed, {failures} failed, {totals['skipped']} skipped")
    return 1 if failed else 0


def run(part: Part, totals: dict[str, int], unsteady: list[str]) -> tuple[bool, str, str]:
    """Run one part: whether it holds, its line, its output."""
    start = time.perf_counter()
    try:
        code, output = execute(part, part.command)
        found = counted(output) if part.counts else {}
        failing = FAILING.findall(output)
        if code and failing and not found.get("error"):
            code, again = execute(part, (*part.command, "--last-failed"))
            if not code:
                unsteady += failing
                print(f"at first in {part.name}:\n{output[-_TOLD:]}", flush=True)
                found["passed"] = found.get("passed", 0) + found.pop("failed")
            output += again
    except OSError as error:
        return False, f"does not start: {error}", str(error)
    line = f"{time.perf_counter() - start:6.1f} s"
    totals["passed"] += found.get("passed", 0)
    totals["failed"] += found.get("failed", 0) + found.get("error", 0)
    totals["skipped"] += found.get("skipped", 0)
    words = [f"{found[w]} {w}" for w in ("passed", "failed", "skipped") if w in found]
    return code == 0, "  ".join([line, ", ".join(words)]).rstrip(), output


def execute(part: Part, command: tuple[str, ...]) -> tuple[int, str]:
    """Status and output of a command.

    Raises:
        OSError: it does not start.
    """
    if command[0] == "npm" and shutil.which("npm") is None:
        command = (str(BIN / "npm"), *command[1:])
    done = subprocess.run(
        command,
        cwd=part.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=3600,
        env={**os.environ, "PATH": f"{os.environ['PATH']}:{BIN}"},  # Node may be ours
    )
    return done.returncode, re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)


def counted(output: str) -> dict[str, int]:
    """Tests by what became of them, by the last line that sums up (what servers say may follow it)."""
    lines = _SUMMARY.findall(output) or [""]
    return {word: int(number) for number, word in _COUNT.findall(lines[-1])}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "all"))
