"""`make fuzz`: hostile input for as long as one likes, with other seeds each time.

Half of the time mutants of captures go through the decoder and mutants of conversations through the
parsers, one process each; the other half, where atheris is installed (`pip install 'fengsui[fuzz]'`),
fuzzing that follows the parsers' coverage. What breaks a law stays in the folder.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent


def start(module: str, log: Path, *more: str) -> subprocess.Popen[bytes]:
    """Start a module; what it says goes to a file."""
    with log.open("wb") as out, log.with_suffix(".err").open("wb") as err:
        command = [sys.executable, "-m", module, *more]
        return subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=err)


def captures_held(log: Path, status: int, folder: Path) -> bool:
    """One line of what the mutants of captures came to; whether all is well."""
    try:
        report: dict[str, Any] = json.loads(log.read_text())
    except ValueError:
        kept = ", ".join(str(one) for one in sorted(folder.glob("*.pcap")))
        print(f"captures: the process ended with {status} at {kept}")
        print(log.with_suffix(".err").read_text()[-3000:])
        return False
    print(
        f"captures: {report['mutants']} mutants, {report['packets']} packets, {report['events']} events, "
        f"{len(report['broken'])} broke a law, {len(report['tracebacks'])} mistakes of parsers, "
        f"{report['rss'][0][1] // 1024} MiB at first, {report['rss'][-1][1] // 1024} at the end"
    )
    for line in [*report["broken"], *report["tracebacks"]][:20]:
        print("  " + line)
    return not report["broken"] and not report["tracebacks"]


def guided(folder: Path, minutes: float) -> bool:
    """Fuzzing by coverage, where that is installed."""
    if importlib.util.find_spec("atheris") is None:
        print("coverage: skipped, atheris is not installed (pip install 'fengsui[fuzz]')")
        return True
    found = folder / "guided"
    found.mkdir(exist_ok=True)
    log = folder / "guided.log"
    running = start(
        "tests.fuzz_guided",
        log,
        str(folder.parent / "corpus"),
        f"-max_total_time={int(minutes * 60)}",
        "-max_len=6000",
        "-timeout=20",
        f"-artifact_prefix={found}/",
    )
    status = running.wait()
    said = log.with_suffix(".err").read_text(errors="replace").splitlines()
    shown = [line for line in said if line.startswith("#")][-1:] if status == 0 else said[-30:]
    print(f"coverage: ended with {status}", *shown, sep="\n  ")
    return status == 0


def main() -> int:
    """Run as the arguments say; 0 when nothing broke."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--folder", type=Path, default=ROOT / ".fuzz")
    given = parser.parse_args()
    bench = Path(os.environ.get("FENGSUI_BENCH", "../shared/bench")).resolve()
    folder: Path = given.folder.resolve() / str(given.seed)
    folder.mkdir(parents=True, exist_ok=True)
    print(f"seed {given.seed}, {given.minutes} minutes, into {folder}", flush=True)
    if not bench.is_dir():
        print(f"FENGSUI_BENCH={bench} is not there: our own captures only")
    half = given.minutes / (1 if importlib.util.find_spec("atheris") is None else 2)
    common = ["--bench", str(bench), "--seed", str(given.seed), "--minutes", str(half)]
    wide = start(
        "tests.sensors.packet.mutant_laws", folder / "captures.json", *common,
        "--failures", str(folder / "captures"),
    )  # fmt: skip
    talks = start(
        "tests.sensors.protocols.talk_mutants", folder / "talks.txt", *common,
        "--failures", str(folder / "talks"),
    )  # fmt: skip
    held = captures_held(folder / "captures.json", wide.wait(), folder / "captures")
    status = talks.wait()
    said = (folder / "talks.txt").read_text() or (folder / "talks.err").read_text()[-3000:]
    print(f"parsers: {said.rstrip()}")
    held = status == 0 and held
    held = guided(folder, half) and held
    print("everything holds" if held else "something broke")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
