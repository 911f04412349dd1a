"""Packet sensor against its peers on one capture: CPU, wall time and memory, as ratios in one run.

    python benchmarks/packet_speed.py [--bench FOLDER] [--packets 1400000] [--rounds 3]
        [--suricata SCRIPT] [--nfstream PYTHON]

The office mix of the bench is grown to so many packets: each repetition with addresses and times of
its own. Then, in turn and on one core, as a user would call them:

    fengsui events … --protocols flow,dns,tls,http    against    suricata … ja
    fengsui events … --protocols all                  against    suricata … all
    fengsui events … --protocols flow,dns,tls,http    against    nfstream with 20 dissections

nfstream wants an environment of its own: the Python named by --nfstream, or nfstream/bin/python below
FENGSUI_PEERS (~/.cache/fengsui-peers): `python -m venv FOLDER/nfstream`, then its `pip install nfstream`.
Ours runs once more on three times the packets, for memory, and `fengsui replay` (rules, correlation
and store) for what the whole costs. A peer that is not there is left out and named. What the peers
find besides is compared by `packet_fidelity.py`.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import random
import resource
import runpy
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import zstandard

ROOT = Path(__file__).resolve().parents[1]
QUICK = "flow,dns,tls,http"
_NFSTREAM = """
import sys
from nfstream import NFStreamer
for flow in NFStreamer(source=sys.argv[1], n_dissections=20, n_meters=1):
    pass
"""


@dataclass
class Result:
    """Runs of one program."""

    name: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: int = 0  # MiB

    def add(self, measured: tuple[float, float, int]) -> None:
        """One more run: wall, CPU, memory."""
        self.wall.append(measured[0])
        self.cpu.append(measured[1])
        self.memory = max(self.memory, measured[2])


def run(command: list[str]) -> tuple[float, float, int]:
    """Wall and CPU seconds and peak MiB of a child on one core, Python's own cache in use."""
    if shutil.which("taskset"):
        command = ["taskset", "-c", "0", *command]
    measure = (
        "import json,resource,subprocess,sys;"
        "subprocess.run(sys.argv[1:],check=True,stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL);"
        "u=resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(json.dumps([u.ru_utime+u.ru_stime,u.ru_maxrss//1024]))"
    )
    start = time.perf_counter()
    out = subprocess.run(
        [sys.executable, "-c", measure, *command],
        check=True,
        cwd=ROOT,
        capture_output=True,
        env={key: one for key, one in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
    ).stdout
    wall = time.perf_counter() - start
    cpu, memory = json.loads(out)
    return wall, cpu, memory


def grow(folder: Path, packets: int, target: Path) -> None:
    """The office mix, repeated with other addresses and at other times, in order of time."""
    shifted: Callable[[bytes, int], bytes] = runpy.run_path(str(folder / "make_office.py"))[
        "shifted"
    ]
    packed = (folder / "office.pcap.zst").read_bytes()
    raw = zstandard.ZstdDecompressor().stream_reader(packed).read()
    frames: list[tuple[int, int, bytes]] = []
    at = 24
    while at + 16 <= len(raw):
        seconds, micro, captured, length = struct.unpack_from("<IIII", raw, at)
        frames.append((seconds * 1_000_000 + micro, length, raw[at + 16 : at + 16 + captured]))
        at += 16 + captured
    chance = random.Random(1)
    rounds = -(-packets // len(frames))
    masks = [0, *chance.sample(range(1, 65_536), rounds - 1)]
    starts = [0, *(chance.randrange(3_600_000_000) for _ in range(rounds - 1))]

    def stream(number: int) -> object:
        return ((t + starts[number], number, n) for n, (t, _, _) in enumerate(frames))

    with target.open("wb") as out:
        out.write(raw[:24])
        merged = heapq.merge(*(stream(number) for number in range(rounds)))  # type: ignore[call-overload]
        for count, (moment, number, n) in enumerate(merged):
            if count == packets:
                break
            frame = shifted(frames[n][2], masks[number])
            head = (moment // 1_000_000, moment % 1_000_000, len(frame), frames[n][1])
            out.write(struct.pack("<IIII", *head) + frame)


def events(capture: Path, protocols: str, out: Path) -> list[str]:
    fengsui = Path(sys.executable).with_name("fengsui")
    return [str(fengsui), "events", str(capture), "-o", str(out), "--protocols", protocols]


def suricata(script: Path, capture: Path, folder: Path, conf: str) -> tuple[float, float, int]:
    command = ["bash", str(script), "run", str(capture), str(folder), conf]
    if shutil.which("taskset"):
        command = ["taskset", "-c", "0", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    measured = json.loads((folder / "measured.json").read_text())
    return measured["wall_s"], measured["cpu_s"], measured["peak_mib"]


def with_nfstream(named: Path | None) -> Path | None:
    """A Python that has nfstream, None where there is none."""
    peers = Path(os.environ.get("FENGSUI_PEERS", Path.home() / ".cache/fengsui-peers"))
    python = named or peers / "nfstream/bin/python"
    return python if python.exists() else None


def show(title: str, bar: str, ours: Result, peers: list[Result], packets: int) -> None:
    print(f"\n{title}  (bar: {bar})")
    for one in (ours, *peers):
        wall, cpu = statistics.median(one.wall), statistics.median(one.cpu)
        ratios = statistics.median(ours.cpu) / cpu, statistics.median(ours.wall) / wall
        print(
            f"  {one.name:22} cpu {cpu:7.2f} s  wall {wall:7.2f} s  {one.memory:5} MiB  "
            f"{packets / wall / 1000:7.0f} kpps  ours/it cpu {ratios[0]:.2f} wall {ratios[1]:.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared/bench")
    parser.add_argument("--packets", type=int, default=1_400_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--suricata", type=Path, help="the bench's peers/suricata, set up before")
    parser.add_argument("--nfstream", type=Path, help="a Python that has nfstream")
    parser.add_argument("--no-replay", action="store_true")
    parser.add_argument(
        "--no-memory", action="store_true", help="leave three times the packets out"
    )
    chosen = parser.parse_args()
    nfstream = with_nfstream(chosen.nfstream)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        capture = folder / "grown.pcap"
        grow(chosen.bench / "captures", chosen.packets, capture)
        quick, whole = Result("fengsui, four kinds"), Result("fengsui, all")
        ja, everything, dissected = (
            Result("suricata ja"),
            Result("suricata all"),
            Result("nfstream"),
        )
        for _ in range(chosen.rounds):
            quick.add(run(events(capture, QUICK, folder / "quick.ndjson")))
            whole.add(run(events(capture, "all", folder / "all.ndjson")))
            if chosen.suricata:
                ja.add(suricata(chosen.suricata, capture, folder / "ja", "ja"))
                everything.add(suricata(chosen.suricata, capture, folder / "all", "all"))
            if nfstream:
                dissected.add(run([str(nfstream), "-c", _NFSTREAM, str(capture)]))
        if not chosen.suricata:
            print("skipped: Suricata (--suricata names the bench's peers/suricata)")
        if not nfstream:
            print("skipped: nfstream (it wants an environment of its own: see above in this file)")
        peers = [one for one in (ja, dissected) if one.cpu]
        show(QUICK, "≤ 0.40 × suricata ja, ≤ 0.20 × nfstream", quick, peers, chosen.packets)
        show(
            "all",
            "≤ 0.60 × suricata all",
            whole,
            [everything] if everything.cpu else [],
            chosen.packets,
        )
        if not chosen.no_memory:
            grow(chosen.bench / "captures", 3 * chosen.packets, capture)
            for kind, before in ((QUICK, quick), ("all", whole)):
                memory = run(events(capture, kind, folder / "o.ndjson"))[2]
                print(f"{kind}: {before.memory} MiB, {memory} MiB for three times the packets "
                      f"({memory / before.memory:.2f}; bars 256 MiB and 1.15)")  # fmt: skip
            grow(chosen.bench / "captures", chosen.packets, capture)
        if not chosen.no_replay:
            fengsui = str(Path(sys.executable).with_name("fengsui"))
            home = ["--home", str(folder / "home")]
            wall, cpu, memory = run([fengsui, *home, "replay", str(capture), "--json"])
            print(f"replay with rules, correlation and store: {chosen.packets / wall:.0f} packets/s, "
                  f"cpu {cpu:.1f} s, {memory} MiB")  # fmt: skip
    print(f"(this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB)")


if __name__ == "__main__":
    main()
