"""The worker killed (-9) at random moments while captures come through the spool: what is kept and found.

    PYTHONPATH=. python benchmarks/store_worker_faults.py CAPTURE… [--kills 20] [--batch 200]

The captures are read once. Their events go, in small batches, through the spool of an installation whose
worker is never killed, and of one whose worker is; then all is sent to the second once more. Events and
alerts of both are compared by id.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from fengsui.event import Event, join_lines, split_lines
from fengsui.query.tree import Everything
from fengsui.store.embedded import EmbeddedEventStore
from fengsui.store.sql.state import open_state
from fengsui.store.sql.tables import alert
from fengsui.store.state import Replay
from sensors.intake.spool import Spool, Spooled

_PATIENCE = 600


def events_of(captures: Sequence[str], size: int) -> list[list[Event]]:
    """Events of captures in order of time, in batches."""
    words = [sys.executable, "-m", "console.cli.main", "events", *captures]
    done = subprocess.run(words, capture_output=True, check=True)
    found = sorted(split_lines(done.stdout), key=lambda event: event.time)
    return [found[first : first + size] for first in range(0, len(found), size)]


class Installation:
    """A home with a worker."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir()
        self._worker: subprocess.Popen[bytes] | None = None

    def send(self, batches: Sequence[list[Event]], stream: str) -> None:
        """A whole replay into the spool."""
        state = open_state(f"sqlite:///{self.home / 'state.sqlite'}")
        state.put_replay(Replay(stream, "replay", stream, (), 1))
        state.close()
        spool = Spool(self.home / "spool", 10**10)
        number = spool.next_number(stream, time.time_ns())
        spool.put(Spooled(stream, number, "start", 0, b"", {"kind": "replay"}))
        for batch in batches:
            number += 1
            clock = max(event.time for event in batch)
            spool.put(Spooled(stream, number, "events", clock, join_lines(batch)))
        spool.put(Spooled(stream, number + 1, "end", 0, b"", {}))

    def waiting(self) -> int:
        """Batches that nobody has acknowledged."""
        return Spool(self.home / "spool", 10**10).waiting()

    def start(self) -> None:
        """Its worker."""
        words = [sys.executable, "-m", "console.cli.main", "--home", str(self.home), "work"]
        self._worker = subprocess.Popen(words, stderr=subprocess.DEVNULL)

    def end(self, how: int) -> None:
        """Of its worker."""
        assert self._worker is not None
        os.kill(self._worker.pid, how)
        self._worker.wait()

    def work(self) -> None:
        """Until the spool is empty."""
        self.start()
        ends = time.monotonic() + _PATIENCE
        while self.waiting():
            assert time.monotonic() < ends, "the worker does not come to an end"
            time.sleep(0.2)
        self.end(signal.SIGTERM)

    def kept(self) -> tuple[list[str], set[str]]:
        """Ids of events, and of alerts."""
        store = EmbeddedEventStore(self.home / "events", writable=False)
        events = sorted(event.id for event in store.scroll(Everything()))
        faults = store.verify().faults
        store.close()
        assert not faults, faults
        state = open_state(f"sqlite:///{self.home / 'state.sqlite'}")
        with state.database.reading() as connection:
            alerts = set(connection.execute(select(alert.c.id)).scalars())
        state.close()
        return events, alerts


def killed(one: Installation, kills: int) -> int:
    """Kill the worker once it works, at a random moment; how often that was."""
    chance = random.Random()
    for number in range(kills):
        before = one.waiting()
        one.start()
        ends = time.monotonic() + 60
        while one.waiting() == before and time.monotonic() < ends and before:
            time.sleep(0.02)
        time.sleep(chance.random() * 0.6)
        one.end(signal.SIGKILL)
        if not one.waiting():
            return number + 1
    return kills


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("captures", nargs="+")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--batch", type=int, default=200)
    chosen = parser.parse_args()
    batches = events_of(chosen.captures, chosen.batch)
    sent = sorted({event.id for batch in batches for event in batch})
    print(f"{len(sent):,} events in {len(batches)} batches", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        left, right = Installation(Path(folder) / "left"), Installation(Path(folder) / "right")
        for one in (left, right):
            one.send(batches, "first")
        left.work()
        kills = killed(right, chosen.kills)
        right.work()
        whole, expected = left.kept()
        events, alerts = right.kept()
        twice = len(events) - len(set(events))
        print(f"{kills} kills: sent {len(sent):,}, stored {len(events):,}, twice {twice}")
        lost, more = len(expected - alerts), len(alerts - expected)
        print(f"alerts without kills {len(expected)}, lost {lost}, more {more}")
        assert whole == sent
        right.send(batches, "again")
        right.work()
        events, alerts = right.kept()
        print(f"all sent again: stored {len(events):,}, alerts {len(alerts)}")


if __name__ == "__main__":
    main()
