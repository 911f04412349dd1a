"""`fengsui hunt --rules` from file to hits, beside Zircolite on the same events in the same run.

    python benchmarks/sigma_hunt.py [--bench ../shared/bench] [--repeat 5] [--peer-events 20000]
                                    [--no-peer]

Prints, for all public Windows rules: time until ready (empty cache, then from the cache), events a
second and peak memory over the repeated events (for the first time, then with the scanners that were
kept), the same for process creations alone, the regression
cases from EVTX and from JSON, and Zircolite's figures (the oracle has sigma_oracle.py).
Rules on which both tools differ must be explained in sigma_hunt_differences.toml; one that is not ends
the run with status 1. What is missing (the bench, the peer) is said and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import yaml
import zstandard

PEER_PACE = 971  # events a second that Zircolite made where the bars in seconds were set
DIFFERENCES = Path(__file__).with_name("sigma_hunt_differences.toml")
Pairs = set[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of `fengsui hunt`."""

    document: dict[str, Any]
    wall: float
    cpu: float
    peak: int  # MiB

    @property
    def pairs(self) -> Pairs:
        """Event numbers and rule ids."""
        return {(hit["number"], hit["rule"]) for hit in self.document["hits"]}


def main() -> None:
    """Measure, compare, print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bench", type=Path, default=Path("../shared/bench"))
    arguments.add_argument("--repeat", type=int, default=5)
    arguments.add_argument("--peer-events", type=int, default=20_000)
    arguments.add_argument("--no-peer", action="store_true")
    chosen = arguments.parse_args()
    if not (chosen.bench / "sigma").is_dir():
        print(f"skipped: {chosen.bench}/sigma is not there")
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        unpack(chosen.bench / "sigma/sigmahq_rules.tar.zst", place / "rules")
        unpack(chosen.bench / "sigma/regression_half.tar.zst", place / "cases")
        lines = plain(chosen.bench / "sigma/windows_events_100k.jsonl.zst").splitlines()
        all_events, creations = place / "all.jsonl", place / "creations.jsonl"
        all_events.write_bytes((b"\n".join(lines) + b"\n") * chosen.repeat)
        started = [line for line in lines if is_creation(orjson.loads(line))]
        creations.write_bytes((b"\n".join(started) + b"\n") * 600)
        ready(place)
        hunted("all Windows events, first", place, all_events)
        whole = hunted("all Windows events", place, all_events)  # scanners are kept now
        alone = hunted("process creations alone", place, creations)
        regression(place)
        beside(place, lines, started, whole, alone, chosen)


def beside(
    place: Path,
    lines: list[bytes],
    started: list[bytes],
    whole: Ran,
    alone: Ran,
    chosen: argparse.Namespace,
) -> None:
    """The peer on some of the same events."""
    peer = chosen.bench / "peers/zircolite"
    if chosen.no_peer or not peer.is_file():
        print("Zircolite: skipped (not there, or not wanted)")
        return
    some = place / "some.jsonl"
    some.write_bytes(b"\n".join(lines[: chosen.peer_events]) + b"\n")
    theirs = zircolite(peer, some, place / "z1")
    few = place / "few.jsonl"
    few.write_bytes(b"\n".join((started * 10)[:3000]) + b"\n")
    theirs_alone = zircolite(peer, few, place / "z2")
    if theirs is None or theirs_alone is None:
        return
    pace = theirs[1] / PEER_PACE
    print(f"{'pace of this machine by Zircolite':40} {pace:.2f} of that where the bars were set")
    ratio("all Windows events", whole, theirs[1])
    ratio("process creations alone", alone, theirs_alone[1])
    differences(run(place, some).pairs, theirs[0])


def ready(place: Path) -> None:
    """Time of a whole run over one event: start, rules, the first event's bucket, report."""
    one = place / "one.jsonl"
    one.write_bytes(b'{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"x"}\n')
    for what in ("empty cache", "from the cache"):
        ran = run(place, one)
        loaded = ran.document["rules"]["loaded"]
        print(
            f"{'ready, ' + what:40} {loaded:,} rules  {ran.wall:6.2f} s wall  {ran.cpu:6.2f} s CPU"
            f"  {ran.peak} MiB"
        )


def hunted(what: str, place: Path, events: Path) -> Ran:
    """Run over a file and print its pace."""
    ran = run(place, events)
    count = ran.document["events"]
    print(
        f"{what:40} {count:,} events  {len(ran.document['hits']):,} hits"
        f"  {count / ran.document['seconds']:9,.0f} events/s wall"
        f"  {count / ran.cpu:9,.0f} events/CPU-s (start included)  {ran.peak} MiB"
    )
    return ran


def run(place: Path, events: Path) -> Ran:
    """`fengsui hunt` in a process of its own."""
    out = place / "out.json"
    command = [sys.executable, "-m", "console.cli.main", "hunt", "--rules", str(place / "rules")]
    command += [str(events), "--json", "-o", str(out)]
    home = {"HOME": str(place / "home")}
    begun = time.perf_counter()
    child = subprocess.Popen(command, env={**os.environ, **home}, stderr=subprocess.DEVNULL)
    peak = 0
    while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
        peak = max(peak, resident(child.pid))
        time.sleep(0.02)
    _, status, used = ended
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    if child.returncode:
        raise SystemExit(f"fengsui hunt ended with status {child.returncode}")
    cpu = used.ru_utime + used.ru_stime
    return Ran(json.loads(out.read_bytes()), wall, cpu, peak)


def resident(pid: int) -> int:
    """Largest resident size of a process so far, MiB: its own, not that of the process it came from."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    line = next((one for one in status.splitlines() if one.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1]) >> 10


def regression(place: Path) -> None:
    """Every case must fire from each of its files; a raw case needs its log source told by form."""
    cases = sorted((place / "cases").rglob("info.yml"))
    fired: Counter[str] = Counter()
    files: Counter[str] = Counter()
    ran = run(place, place / "cases")
    found = {(hit["file"], hit["rule"]) for hit in ran.document["hits"]}
    for case in cases:
        rule = yaml.safe_load(case.read_text())["rule_metadata"][0]["id"]
        for file in case.parent.iterdir():
            if file.name != "info.yml":
                files[file.suffix] += 1
                fired[file.suffix] += (str(file), rule) in found
    told = ", ".join(f"{fired[kind]} of {files[kind]} {kind}" for kind in sorted(files))
    print(f"{'regression cases':40} {len(cases)} cases: {told}")


def zircolite(script: Path, events: Path, out: Path) -> tuple[Pairs, float] | None:
    """Its pairs and its events a second; None where it cannot be run."""
    try:
        subprocess.run([script, "setup"], check=True, capture_output=True)
        subprocess.run([script, "run", events, out], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"Zircolite: skipped ({error})")
        return None
    measured = json.loads((out / "measured.json").read_text())
    count = sum(1 for _ in events.open("rb"))
    rate = count / measured["wall_s"]
    print(f"{'Zircolite 3.7.0':40} {count:,} events  {rate:9,.0f} events/s wall  {measured}")
    return {(number, rule) for number, rule in json.loads((out / "matches.json").read_text())}, rate


def ratio(what: str, ours: Ran, theirs: float) -> None:
    """How many times as fast."""
    rate = ours.document["events"] / ours.document["seconds"]
    print(f"{what + ', ours / theirs':40} {rate / theirs:.1f} ×")


def differences(ours: Pairs, theirs: Pairs) -> None:
    """Rules on which the tools differ, with the cause; ends the run when one has none."""
    listed = tomllib.loads(DIFFERENCES.read_text("utf-8"))
    cause_of = {rule: cause for cause in listed["causes"] for rule in listed.get(cause, {})}
    unexplained = False
    print(f"{'pairs of event and rule':40} both {len(ours & theirs):,}")
    for name, pairs in (("ours only", ours - theirs), ("theirs only", theirs - ours)):
        for cause, count in causes(pairs, cause_of):
            print(f"{'  ' + name:40} {count:,} {cause}")
            unexplained = unexplained or cause.startswith("unexplained")
    if unexplained:
        raise SystemExit(1)


def causes(pairs: Pairs, cause_of: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Causes and their number of pairs; rules without one by name."""
    counted = Counter(cause_of.get(rule, f"unexplained: {rule}") for _, rule in pairs)
    yield from counted.most_common()


def is_creation(event: Mapping[str, object]) -> bool:
    """Whether Sysmon tells of a process that began."""
    return event.get("EventID") == 1 and str(event.get("Channel", "")).startswith(
        "Microsoft-Windows-Sysmon"
    )


def unpack(archive: Path, to: Path) -> None:
    """A .tar.zst into a folder."""
    with tarfile.open(fileobj=BytesIO(plain(archive))) as packed:
        packed.extractall(to, filter="data")


def plain(path: Path) -> bytes:
    """A .zst file's content."""
    return zstandard.ZstdDecompressor().stream_reader(BytesIO(path.read_bytes())).read()


if __name__ == "__main__":
    main()
