"""A writer killed at any moment, a disk that is full: what was acknowledged is there, once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fengsui.clock import HOUR
from fengsui.errors import StoreError
from fengsui.query.tree import Everything
from fengsui.store.embedded import EmbeddedEventStore
from tests.fengsui.store.embedded.test_store import HandClock, files, make

# Appends batches of 50 and compacts all the time; the number of a batch is printed once it is acknowledged.
WRITER = """
import sys, threading, time
from pathlib import Path
from fengsui.store.embedded import EmbeddedEventStore
from tests.fengsui.store.embedded.test_store import START, make

store = EmbeddedEventStore(Path(sys.argv[1]), writable=True)

def keep_house():
    while True:
        store.maintain(START)
        time.sleep(0.02)

threading.Thread(target=keep_house, daemon=True).start()
print("ready", flush=True)
for number in range(int(sys.argv[2]), 100_000):
    store.append([make(n) for n in range(50 * number, 50 * number + 50)])
    print(number, flush=True)
"""


def test_killed_again_and_again_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    chance = random.Random(6)
    done = -1
    for _ in range(3):
        words = [sys.executable, "-c", WRITER, str(tmp_path), str(max(0, done - 3))]
        writer = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        wanted = done + chance.randrange(4, 16)
        for line in writer.stdout:
            done = max(done, int(line))
            if done >= wanted:
                break
        time.sleep(chance.random() / 50)  # anywhere in the next append or compaction
        os.kill(writer.pid, signal.SIGKILL)
        done = max([done, *map(int, writer.stdout.read().splitlines())])
        writer.stdout.close()
        writer.wait()
    store = EmbeddedEventStore(tmp_path, writable=True)
    held = store.count(Everything())
    assert held >= (done + 1) * 50
    assert held % 50 == 0
    assert not store.verify().faults
    again = [make(n) for n in range(held)]
    assert store.append(again).duplicates == held
    store.close()


def test_an_append_that_the_disk_has_no_room_for_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EmbeddedEventStore(tmp_path, writable=True)
    store.append([make(n) for n in range(100)])
    before = files(tmp_path)
    monkeypatch.setattr("fengsui.store.embedded.segments.os.fsync", _no_room)
    with pytest.raises(StoreError) as caught:
        store.append([make(n) for n in range(50, 300)])
    assert caught.value.code == "disk_full"
    monkeypatch.undo()
    assert files(tmp_path) == before
    assert store.count(Everything()) == 100
    done = store.append([make(n) for n in range(50, 300)])
    assert (done.added, done.duplicates) == (200, 50)
    assert not store.verify().faults
    store.close()


def test_a_compaction_that_the_disk_has_no_room_for_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock()
    store = EmbeddedEventStore(tmp_path, writable=True, clock=clock)
    for part in range(10):
        store.append([make(n) for n in range(20 * part, 20 * part + 20)])
    clock.at += HOUR
    before = files(tmp_path)
    monkeypatch.setattr("fengsui.store.embedded.segments.os.fsync", _no_room)
    with pytest.raises(StoreError):
        store.maintain(clock.at)
    monkeypatch.undo()
    assert files(tmp_path) == before
    assert store.count(Everything()) == 200
    store.maintain(clock.at)
    assert store.count(Everything()) == 200
    store.close()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small disk")
def test_a_small_disk_that_fills_up(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no mounts here")
    try:
        store = EmbeddedEventStore(disk, writable=True)
        acknowledged, refused = 0, ""
        while not refused:
            noise = random.Random(acknowledged).randbytes(20_000).hex()
            try:
                numbers = range(acknowledged, acknowledged + 100)
                store.append([make(n, message=noise[n % 50 :]) for n in numbers])
                acknowledged += 100
            except StoreError as error:
                refused = error.code
        assert refused == "disk_full"
        assert store.count(Everything()) == acknowledged
        store.close()
        store = EmbeddedEventStore(disk, writable=False)
        assert store.count(Everything()) == acknowledged
        assert not store.verify().faults
        store.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def _no_room(_: int) -> None:
    raise OSError(28, "No space left on device")
