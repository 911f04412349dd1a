"""Time of a backup and of a restore into an empty place, counts and hashes compared.

    PYTHONPATH=.:benchmarks python benchmarks/store_restore.py [--events 1000000] [--cipher sm4-gcm]

Events of `store_speed.py` and the state of one replay, by the commands that an operator would use.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from store_speed import BATCH, DAY, DAYS, START, events

from fengsui.store.embedded import EmbeddedEventStore
from tests.journeys.test_bad_input import GOOD


def fengsui(home: Path, *words: str) -> str:
    """A command, with its wall and CPU time."""
    wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "console.cli.main", "--home", str(home), *words],
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{words[0]:10} {time.perf_counter() - wall:7.1f} s wall {cpu:7.1f} CPU-s", flush=True)
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--cipher", default="aes-256-gcm")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        home, drill, kept, key = (place / name for name in ("home", "drill", "backup", "key"))
        key.write_text(secrets.token_hex(32))
        key.chmod(0o600)
        capture = place / "some.pcap"
        capture.write_bytes(GOOD)
        fengsui(home, "replay", str(capture), "--store", str(home))
        store = EmbeddedEventStore(home / "events", writable=True)
        for number, batch in enumerate(events(chosen.events)):
            store.append(batch)
            if number % 10 == 9:
                store.maintain(START + number * BATCH * (DAYS * DAY // chosen.events))
        held = {one.dataset: one.events for one in store.statistics()}
        store.close()
        fengsui(home, "backup", str(kept), "--key-file", str(key), "--cipher", chosen.cipher)
        size = sum(path.stat().st_size for path in kept.iterdir())
        told = fengsui(drill, "restore", str(kept), "--key-file", str(key), "--json")
        restored = EmbeddedEventStore(drill / "events", writable=False)
        same = held == {one.dataset: one.events for one in restored.statistics()}
        restored.close()
        print(json.dumps(json.loads(told), indent=1))
        print(
            f"events {sum(held.values()):,}, counts equal: {same}; {size / 1e6:,.0f} MB of backup"
        )


if __name__ == "__main__":
    main()
