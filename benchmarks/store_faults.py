"""Faults of the stores on purpose: what was acknowledged must be there, once.

    PYTHONPATH=. python benchmarks/store_faults.py [--kills 20]                  the embedded store
    make servers SERVERS="--nodes 3 --tls"; PYTHONPATH=. python benchmarks/store_faults.py --lose-node

The first kills (-9) a writing and compacting process at random moments, then sends everything again. The
second kills one Elasticsearch node of three while events are written, and goes on with the others; start the
servers anew afterwards.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from fengsui.event import Event, make_event
from fengsui.ids import digest_id
from fengsui.query.tree import Everything
from fengsui.store.elastic import ElasticEventStore
from fengsui.store.elastic.doctor import examine
from fengsui.store.embedded import EmbeddedEventStore
from fengsui.store.event_store import EventStore
from tests import servers
from tests.contract.conftest import drop, elastic_address

START = 1_770_000_000
BATCH = 200


def batch_of(number: int) -> list[Event]:
    return [
        make_event(
            id=digest_id(number, part),
            time=(START + number) * 1_000_000_000,
            dataset="dns",
            fields={
                "dns.question.name": f"n{part}.example.cn",
                "source.ip": f"10.0.{part % 250}.1",
            },
        )
        for part in range(BATCH)
    ]


def write(folder: Path, first: int) -> None:
    """Append and compact until killed; the number of each batch once it is acknowledged."""
    store = EmbeddedEventStore(folder, writable=True)

    def keep_house() -> None:
        while True:
            store.maintain(START * 1_000_000_000)
            time.sleep(0.05)

    threading.Thread(target=keep_house, daemon=True).start()
    for number in range(first, 10**6):
        store.append(batch_of(number))
        print(number, flush=True)


def kills(count: int) -> None:
    chance = random.Random()
    with tempfile.TemporaryDirectory() as folder:
        done = -1
        for _ in range(count):
            words = [sys.executable, __file__, "--write", folder, "--first", str(done + 1)]
            writer = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
            assert writer.stdout is not None
            wanted = done + chance.randrange(1, 25)
            for line in writer.stdout:
                done = int(line)
                if done >= wanted:
                    break
            time.sleep(chance.random() / 10)
            os.kill(writer.pid, signal.SIGKILL)
            done = max([done, *map(int, writer.stdout.read().splitlines())])
            writer.wait()
        store = EmbeddedEventStore(Path(folder), writable=True)
        acknowledged = (done + 1) * BATCH
        held = store.count(Everything())
        faults = store.verify().faults
        total = held // BATCH
        again = [store.append(batch_of(number)) for number in range(total)]
        print(
            f"{count} kills: acknowledged {acknowledged:,}, stored {held:,} (one batch may be unanswered)"
        )
        print(
            f"faults of the chain {len(faults)}; sent again: added {sum(one.added for one in again)},"
        )
        print(
            f"duplicates told {sum(one.duplicates for one in again):,}, stored {store.count(Everything()):,}"
        )
        store.close()


def lose_node() -> None:
    running = servers.running()
    address = elastic_address(Path(f"faults-{time.time_ns()}"))
    store: EventStore = ElasticEventStore(address, writable=True, period="month")
    for number in range(10):
        store.append(batch_of(number))
    for pid in servers.family(running["pids"][2]):
        os.kill(pid, signal.SIGKILL)
    acknowledged, refused, slowest = 10, 0, 0.0
    for number in range(10, 40):
        begun = time.perf_counter()
        for _ in range(10):
            try:
                store.append(batch_of(number))
                acknowledged += 1
                break
            except Exception as error:  # noqa: BLE001 - what it is, is printed
                refused += 1
                print(f"refused: {str(error).splitlines()[0]}")
                time.sleep(1)
        slowest = max(slowest, time.perf_counter() - begun)
    held = store.count(Everything())
    again = sum(store.append(batch_of(number)).added for number in range(40))
    print(f"one node of three lost: acknowledged {acknowledged * BATCH:,}, stored {held:,},")
    print(
        f"refused and sent again {refused}, slowest append {slowest:.1f} s; sent again: added {again}"
    )
    for one in examine(address):
        if one.status != "good":
            print(f"doctor: {one.what}: {one.found}; {one.next}")
    store.close()
    drop(address)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--lose-node", action="store_true")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--first", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.write:
        write(chosen.write, chosen.first)
    elif chosen.lose_node:
        lose_node()
    else:
        kills(chosen.kills)


if __name__ == "__main__":
    main()
