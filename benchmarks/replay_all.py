"""`fengsui replay` on every capture and log of FENGSUI_BENCH: what the product itself makes of each.

Prints a Markdown table: records, events, alerts by severity, incidents with their scores, what was
lost, seconds and peak memory of the whole process. Several logs of one folder are replayed together.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

BENCH = Path(os.environ.get("FENGSUI_BENCH", "../shared/bench"))
PROGRAM = str(Path(sys.executable).parent / "fengsui")


def cases() -> list[tuple[str, list[Path]]]:
    """Name and files of each case."""
    captures = sorted([*BENCH.rglob("*.pcap.zst"), *BENCH.rglob("*.eve.json.zst")])
    found = [(str(path.relative_to(BENCH)), [path]) for path in captures]
    for folder in sorted(path for path in (BENCH / "zeek").iterdir() if path.is_dir()):
        files = sorted(file for file in folder.iterdir() if file.is_file())
        if folder.name == "port_scans":
            found += [(f"zeek/{folder.name}/{file.name}", [file]) for file in files]
        else:
            found.append((f"zeek/{folder.name}", files))
    return found


def main(words: list[str]) -> int:
    """Replay every case whose name holds one of the words (all without words); 1 if one crashed."""
    print("| case | records | events | alerts C/H/M/L | incidents (score) | lost | s | MB |")
    print("|---|---:|---:|---|---|---:|---:|---:|")
    crashed = 0
    for name, files in cases():
        if words and not any(word in name for word in words):
            continue
        done = subprocess.run(
            [PROGRAM, "replay", *map(str, files), "--json"], capture_output=True, check=False
        )
        if done.returncode:
            crashed += 1
            print(f"| {name} | **exit {done.returncode}** {done.stderr.decode()[-200:]} |")
            continue
        result = json.loads(done.stdout)
        severities = Counter(alert["severity"] for alert in result["alerts"])
        counts = "/".join(str(severities[s]) for s in ("critical", "high", "medium", "low"))
        scores = ", ".join(f"{i['score']:.0f}" for i in result["incidents"]) or "–"
        print(
            f"| {name} | {result['packets']:,} | {sum(result['events'].values()):,} | {counts} "
            f"| {scores} | {sum(result['losses'].values()):,} | {result['seconds']:.1f} "
            f"| {result['peak_memory_bytes'] / 1e6:.0f} |",
            flush=True,
        )
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
