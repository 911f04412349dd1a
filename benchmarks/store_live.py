"""Searches of the embedded store beside a writer at full speed, and how soon an event is found.

    python benchmarks/store_speed.py --events 10000000 --folder DIR
    python benchmarks/store_live.py --folder DIR [--rounds 10] [--rate 20000]

Three processes on the folder: a writer that appends what arrived in each half second (as the worker does),
with compaction in a thread beside it; a reader that runs every kind of search in turn; and one that asks for
one event of each append, by its id and time, until it is found. An event's time counts from its arrival,
which is the begin of its half second. Without `--rate` the writer appends 20,000 events one time after the
other.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from store_speed import BATCH, DAYS, START, events, kinds_of, peak_megabytes, row, timing

from fengsui.clock import DAY, SECOND, from_iso, to_iso
from fengsui.event import Event
from fengsui.ids import digest_id
from fengsui.query.tree import Term
from fengsui.store.embedded import EmbeddedEventStore
from fengsui.store.embedded.intake import warm_up
from fengsui.store.event_store import TimeRange

FLUSH = 0.5  # seconds, as in `console.roles.work`


def write(folder: Path, rate: int) -> None:
    """Append until standard input is closed; a line for each append: an id, its arrival and its time."""
    store = EmbeddedEventStore(folder, writable=True)
    warm_up()
    pool = next(events(BATCH))
    chance = random.Random(time.time_ns())
    stop = threading.Event()

    def keep_house() -> None:
        while not stop.wait(1):
            store.maintain(START + (DAYS + 1) * DAY)

    threading.Thread(target=keep_house, daemon=True).start()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    number = added = 0
    begun, spent = time.perf_counter(), time.process_time()
    while not stop.is_set():
        arrival = time.perf_counter()
        size = BATCH if not rate else min(BATCH, int(rate * FLUSH))
        at = to_iso(START + DAYS * DAY + number * SECOND).encode()
        batch = [
            Event(
                b"".join(
                    (e.raw[:13], b"%032x" % chance.getrandbits(128), e.raw[45:61], at, e.raw[88:])
                )
            )
            for e in pool[:size]
        ]
        marker = f"{digest_id('marker', begun, number)}"
        batch.append(
            Event(
                b"".join(
                    (pool[0].raw[:13], marker.encode(), pool[0].raw[45:61], at, pool[0].raw[88:])
                )
            )
        )
        if rate:
            time.sleep(max(0.0, arrival + FLUSH - time.perf_counter()))
        added += store.append(batch).added
        print(marker, arrival, at.decode(), flush=True)
        number += 1
    wall, cpu = time.perf_counter() - begun, time.process_time() - spent
    print(
        f"{added / wall:,.0f} events/s {added / cpu:,.0f} events/CPU-s with compaction",
        file=sys.stderr,
    )
    store.close()


def watch(folder: Path) -> None:
    """Ids come on standard input; a line of milliseconds for each once it is found."""
    store = EmbeddedEventStore(folder, writable=False, memory_megabytes=256)
    for line in sys.stdin:
        marker, arrival, at = line.split()
        query = Term("event.id", marker)
        within = TimeRange(from_iso(at), from_iso(at) + 1000)
        while not store.count(query, within):
            time.sleep(0.01)
        print(1000 * (time.perf_counter() - float(arrival)), flush=True)
    store.close()


def read(folder: Path, rounds: int) -> None:
    """Rounds over all kinds while the others work."""
    store = EmbeddedEventStore(folder, writable=False, memory_megabytes=256)
    kinds = kinds_of(store)
    timed: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
    for run in kinds.values():
        run()
    for _ in range(rounds):
        for name, run in kinds.items():
            timed[name].append(timing(run))
    print(f"{'search beside the writer (ms)':36}{'p50':>8}{'p95':>8}{'CPU p50':>10}{'CPU p95':>10}")
    for name, found in timed.items():
        print(f"{name:36}{row(found)}")
    print(f"reader's peak memory                {peak_megabytes():,.0f} MB")
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--rate", type=int, default=0, help="events a second; 0 is full speed")
    parser.add_argument("--role", choices=("write", "watch"))
    chosen = parser.parse_args()
    if chosen.role == "write":
        write(chosen.folder, chosen.rate)
        return
    if chosen.role == "watch":
        watch(chosen.folder)
        return
    words = [sys.executable, __file__, "--folder", str(chosen.folder), "--rate", str(chosen.rate)]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen([*words, "--role", "write"], stdin=pipe, stdout=pipe, text=True) as writer,
        subprocess.Popen(
            [*words, "--role", "watch"], stdin=writer.stdout, stdout=pipe, text=True
        ) as watcher,
    ):
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert watcher.stdout is not None
        writer.stdout.close()
        read(chosen.folder, chosen.rounds)
        writer.stdin.close()
        seen = [float(line) for line in watcher.stdout]
    first, later = (
        seen[0],
        seen[1:],
    )  # the first one also reads the ids that the store has of its time
    p99 = statistics.quantiles(later, n=100)[-1]
    print(
        f"found after its arrival             p50 {statistics.median(later):,.0f} ms,"
        f" p99 {p99:,.0f} ms, {len(later)} appends; the first after a start {first:,.0f} ms"
    )


if __name__ == "__main__":
    main()
