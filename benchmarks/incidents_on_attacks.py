"""What `fengsui replay` makes of every capture of an attack in FENGSUI_BENCH: incidents and their titles.

Prints a Markdown table: capture, alerts, incidents of medium or above, the worst one's severity, score and
title; then how many captures met the bar: alerts raised, one incident of medium or above and no more.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

BENCH = Path(os.environ.get("FENGSUI_BENCH", "../shared/bench")) / "attacks"
PROGRAM = str(Path(sys.executable).parent / "fengsui")
MEDIUM = {"medium", "high", "critical"}


def replayed(capture: Path) -> dict[str, Any] | None:
    """The document of one replay; None where the program failed."""
    done = subprocess.run(
        [PROGRAM, "replay", str(capture), "--json"], capture_output=True, check=False
    )
    return None if done.returncode else json.loads(done.stdout)


def main(words: list[str]) -> int:
    """Replay every capture whose path holds one of the words (all without words)."""
    print("| capture | alerts | incidents | severity (score) | title of the worst |")
    print("|---|---:|---:|---|---|")
    met = spoke = 0
    crashed: list[str] = []
    for capture in sorted(BENCH.rglob("*.pcap.zst")):
        name = str(capture.relative_to(BENCH)).removesuffix(".pcap.zst")
        if words and not any(word in name for word in words):
            continue
        result = replayed(capture)
        if result is None:
            crashed.append(name)
            continue
        found = [i for i in result["incidents"] if i["severity"] in MEDIUM]
        found.sort(key=lambda incident: -incident["score"])
        spoke += bool(result["alerts"])
        met += len(found) == 1
        worst = found[0] if found else None
        told = (
            f"{worst['severity']} ({worst['score']:.0f}) | {worst['title']['en']}"
            if worst
            else "– | –"
        )
        print(f"| {name} | {len(result['alerts'])} | {len(found)} | {told} |", flush=True)
    print(f"\n{met} of {spoke} captures that raise alerts came to one incident of medium or above.")
    print(f"Failed: {', '.join(crashed) or 'none'}")
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
