"""What must hold whatever arrives, held over thousands of mutants by a process of its own.

`python -m tests.sensors.packet.mutant_laws --count 10000 --seed 1 --failures FOLDER` (or `--minutes 10`)
prints one JSON object. The capture being worked on lies in FOLDER while it runs, so that it is there
when the process crashes or hangs; those that break a law stay there, each with what it broke.
"""

from __future__ import annotations

import argparse
import faulthandler
import io
import json
import logging
import random
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sensors.packet import native
from sensors.packet.slice import slice_flow
from tests.sensors.packet.judging import Drips, Run, resident, unexpected
from tests.sensors.packet.mutants import batch, container
from tests.sensors.packet.windows import Window, bench_windows, own_windows

BROKEN: Final = 3  # status of a run that found something


@dataclass
class Report:
    """What a run came to."""

    mutants: int = 0
    packets: int = 0
    events: int = 0
    datasets: Counter[str] = field(default_factory=Counter[str])
    losses: Counter[str] = field(default_factory=Counter[str])
    refused: int = 0
    slowest: float = 0.0  # seconds for one mutant, the mean of its batch
    rss: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])  # mutants, KiB
    broken: list[str] = field(default_factory=list[str])
    tracebacks: Counter[str] = field(default_factory=Counter[str])
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """For the process that started this one."""
        shown = dict(vars(self))
        shown["tracebacks"] = dict(self.tracebacks.most_common(20))
        return shown


class Laws:
    """Holds the laws over batches of mutants.

    Args:
        windows: what mutants are made of.
        seed: of the chances.
        failures: folder for captures that break a law.
    """

    BATCH: Final = 100
    PATIENCE: Final = 120  # seconds for a batch, then this process ends with a traceback

    def __init__(self, windows: list[Window], seed: int, failures: Path) -> None:
        self.report = Report()
        self._windows = windows
        self._seed = seed
        self._failures = failures
        self._number = 0

    def hold(self) -> None:
        """One batch: mutants in one decoder; every eighth batch twice; and some containers."""
        self._number += 1
        chance = random.Random(f"{self._seed} {self._number}")
        data, packets = batch(chance, self._windows, self.BATCH)
        self.report.mutants += self.BATCH
        self.report.packets += packets
        options = {
            "max_flows": chance.choice((2, 50, 4096, 262_144)),
            "report_every": chance.choice((0, 10**10)),
            "fences": self._number % 2 == 0,
        }
        first = self._judged(data, **options)
        if self._number % 8 == 0 and first is not None:
            self._again(data, first, options, chance)
        for _ in range(self.BATCH // 10):
            self.report.mutants += 1
            self._judged(container(chance, chance.choice(self._windows)), max_flows=64, fences=True)
        self.report.rss.append((self.report.mutants, resident()))

    def _judged(self, data: bytes, **options: Any) -> Run | None:
        kept = self._failures / f"{self._seed}-{self._number}.pcap"
        kept.write_bytes(data)
        faulthandler.dump_traceback_later(self.PATIENCE, exit=True)
        begun = time.process_time()
        try:
            run = Run(io.BytesIO(data), **options)
            wrong = run.faults()
        except Exception:
            run = None
            wrong = [traceback.format_exc()]
        faulthandler.cancel_dump_traceback_later()
        self._note(run, time.process_time() - begun)
        if wrong:
            self._broken(kept, wrong, options)
        else:
            kept.unlink()
        return run

    def _note(self, run: Run | None, seconds: float) -> None:
        report = self.report
        report.slowest = max(report.slowest, seconds)
        if run is None:
            return
        report.refused += run.refused
        report.events += len(run.lines)
        report.datasets.update(run.sensor.summary.events)
        report.losses.update(run.sensor.summary.losses.as_json())

    def _broken(self, kept: Path, wrong: list[str], options: dict[str, Any]) -> None:
        stays = kept.with_name(f"{kept.stem}-{len(self.report.broken)}.pcap")
        kept.rename(stays)
        stays.with_suffix(".txt").write_text("\n".join([str(options), *wrong]))
        self.report.broken.append(f"{stays.name}: {wrong[0][-600:]}")

    def _again(
        self, data: bytes, first: Run, options: dict[str, Any], chance: random.Random
    ) -> None:
        """Events depend on the packets alone: not on how they are read, nor on what lay there before."""
        drips: Any = Drips(data, chance)
        second = Run(drips, poison=0xA5, **options)
        kept = self._failures / f"{self._seed}-{self._number}.pcap"
        kept.write_bytes(data)
        wrong: list[str] = []
        if sorted(second.lines) != sorted(first.lines):
            one = sorted(set(first.lines) - set(second.lines))[:3]
            two = sorted(set(second.lines) - set(first.lines))[:3]
            wrong = ["events differ", *map(str, one), "----", *map(str, two)]
        wrong += _sliced(kept, first.lines)
        if wrong:
            self._broken(kept, wrong, {})
        else:
            kept.unlink()


def _sliced(path: Path, lines: list[bytes]) -> list[str]:
    """The flow of the largest event that has ports can be had out of the capture."""
    flows = [json.loads(line) for line in lines if b'"event.dataset":"flow"' in line]
    flows = [event for event in flows if event["network.transport"] in {"tcp", "udp"}]
    if not flows:
        return []
    flow = max(flows, key=lambda event: event["network.packets"])
    try:
        found = slice_flow(
            [path],
            source=flow["source.ip"],
            source_port=flow["source.port"],
            destination=flow["destination.ip"],
            destination_port=flow["destination.port"],
            transport=flow["network.transport"],
            since=0,
            until=1 << 62,
        )
    except Exception:
        return [traceback.format_exc()]
    return [] if found.packets else [f"no packet of {flow}"]


def windows_for(bench: Path | None, seed: int, runs: int) -> list[Window]:
    """The windows of the bench, where it is there, and as many of our own."""
    own = own_windows()
    if bench is None or not bench.is_dir():
        return own
    found = bench_windows(bench, seed, runs)
    return found + own * max(1, len(found) // (2 * len(own)))


def main() -> int:
    """Run as the arguments say; print the report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=6)
    parser.add_argument("--failures", type=Path, required=True)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    faulthandler.enable()
    given.failures.mkdir(parents=True, exist_ok=True)
    native.warm_up()  # takes longer than the patience with a batch
    laws = Laws(windows_for(given.bench, given.seed, given.runs), given.seed, given.failures)
    begun = time.monotonic()
    with unexpected(laws.report.tracebacks):
        while (
            time.monotonic() - begun < given.minutes * 60
            if given.minutes
            else laws.report.mutants < given.count
        ):
            laws.hold()
    laws.report.seconds = time.monotonic() - begun
    print(json.dumps(laws.report.as_json()))
    return BROKEN if laws.report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
