"""Live capture on pairs of interfaces of our own: what one core takes without a kernel drop, and
what two inputs on two cores take together.

    python benchmarks/live_speed.py CAPTURE [--seconds 60] [--rates 250000,400000] [--rounds 3]

Needs root, iproute2, tcpreplay and taskset; without them it says so and ends. Everything happens in a
network namespace that is made and removed here, so that no packet leaves the machine.

One core: tcpreplay sends the capture again and again from core 0 (`--unique-ip`: new addresses, hence
new flows, in each round), the sensor's worker runs on core 1 with a ring of the default size, and what it
finds goes through its socket to the parent as in `fengsui sense`, which here counts it and throws it away.
Two inputs: two rings are filled while nobody reads them, then drained by one worker alone, and by two
at once, so that the sender takes no core from either. The ratio is of packets a second.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import zstandard

from sensors.live.capture import Capture, LiveCapture
from sensors.live.decoder import RingDecoder
from sensors.live.interface import Interface
from sensors.live.ring import Ring, open_socket
from sensors.packet.native import warm_up

NAMESPACE = f"fengsui-{os.getpid()}"
FOUR = "flow,dns,tls,http"
MAX_FLOWS = 262_144
DRAIN_RING = 768  # MiB


def missing() -> str:
    if os.geteuid() != 0:
        return "it needs root, for a network namespace"
    absent = [name for name in ("ip", "tcpreplay", "taskset") if shutil.which(name) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    return "" if (os.cpu_count() or 1) > 1 else "it needs two cores"


def ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True)


def make_pairs() -> None:
    ip(f"netns add {NAMESPACE}")
    inside = ["ip", "netns", "exec", NAMESPACE, "sh", "-c"]
    quiet = "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6"
    subprocess.run([*inside, quiet], check=False)
    for number in (0, 1):
        ip(f"-n {NAMESPACE} link add near{number} type veth peer name far{number}")
        for side in ("near", "far"):
            # No ARP and a large frame: only the capture's packets are on the wire.
            ip(f"-n {NAMESPACE} link set {side}{number} mtu 65535 arp off up")


def plain(capture: Path, folder: Path) -> Path:
    if capture.suffix != ".zst":
        return capture
    path = folder / capture.stem
    with capture.open("rb") as packed, path.open("wb") as out:
        zstandard.ZstdDecompressor().copy_stream(packed, out)
    return path


def inside(core: int, *command: str) -> list[str]:
    return ["ip", "netns", "exec", NAMESPACE, "taskset", "-c", str(core), *command]


def send(capture: Path, interface: str, rate: int, seconds: float) -> dict[str, float]:
    """Packets, bytes and seconds of tcpreplay on core 0."""
    speed = [f"--pps={rate}"] if rate else ["--topspeed"]
    words = ["--preload-pcap", "--loop=100000", "--unique-ip", f"--duration={int(seconds)}"]
    done = subprocess.run(
        inside(0, "tcpreplay", "-q", "-i", interface, *words, *speed, str(capture)),
        capture_output=True,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        if line.startswith("Actual:"):
            parts = line.replace("(", " ").split()
            packets, took = int(parts[1]), float(parts[parts.index("in") + 1])
            return {"packets": packets, "seconds": took, "bytes": int(parts[3])}
    raise SystemExit(f"tcpreplay failed: {done.stdout}{done.stderr}")


class Helper:
    """This script again, inside the namespace: answers one line of JSON a request."""

    def __init__(self, core: int, *words: str) -> None:
        command = inside(core, sys.executable, __file__, "-", *words)
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.ask()

    def tell(self) -> None:
        """Ask it to go on."""
        assert self._process.stdin
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def ask(self) -> dict[str, Any]:
        """Wait for its next answer."""
        assert self._process.stdout
        document: dict[str, Any] = json.loads(self._process.stdout.readline())
        return document

    def end(self) -> None:
        """Let it end."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def answer(document: dict[str, Any]) -> None:
    print(json.dumps(document), flush=True)


def receive(interface: str, core: int, protocols: list[str]) -> None:
    """Helper: capture as `fengsui sense` does until told to stop; the report."""
    found = {"bytes": 0}

    def put(lines: bytes, _clock: int) -> None:
        found["bytes"] += len(lines)

    wanted = Interface(interface, protocols=tuple(protocols), cores=(core,))
    live = LiveCapture([wanted], Capture("bench", MAX_FLOWS), put)
    live.start()
    while live.report()[0]["status"] != "capturing":
        time.sleep(0.1)
    (pid,) = [worker.process.pid for worker in live._workers()]  # noqa: SLF001
    begun = cpu(pid)
    peaks = {"peak_blocks": 0, "lag_seconds": 0.0}
    answer({"ready": True})
    os.set_blocking(0, False)
    while not sys.stdin.readline():
        report = live.report()[0]
        peaks = {name: max(value, report[name]) for name, value in peaks.items()}
        time.sleep(0.5)
    time.sleep(1.5)
    used, resident, report = cpu(pid) - begun, memory(pid), live.report()[0]
    live.stop()
    report = {**live.report()[0], "blocks": report["blocks"]}
    answer({**report, **peaks, "cpu": used, "memory": resident, "lines": found["bytes"]})


def cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """MiB of the process's own, without the ring."""
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    anonymous = next(row for row in rows if row.startswith("RssAnon"))
    return int(anonymous.split()[1]) // 1024


def drain(interface: str) -> None:
    """Helper: each time it is told, decode what the ring holds; packets and seconds."""
    opened = open_socket(Interface(interface, ring_megabytes=DRAIN_RING))
    ring = Ring(opened.socket, opened.blocks)
    answer({"ready": True})
    while sys.stdin.readline():
        decoder = RingDecoder(
            sensor="bench",
            fields={},
            max_flows=MAX_FLOWS,
            link=1,
            datasets=frozenset(FOUR.split(",")),
        )
        packets, lines = 0, 0
        begun = time.perf_counter()
        while (block := ring.waiting()) is not None:
            decoder.block(block.view, block.first, block.packets)
            packets += block.packets
            ring.release()
            while (batch := decoder.take()) is not None:
                lines += len(batch.lines)
        answer({"packets": packets, "seconds": time.perf_counter() - begun, "lines": lines})


def one_core(capture: Path, protocols: str, rate: int, seconds: float) -> None:
    helper = Helper(1, "--receive", "far0", "--protocols", protocols)
    sent = send(capture, "near0", rate, seconds)
    helper.tell()
    row = helper.ask()
    helper.end()
    per_second = sent["packets"] / sent["seconds"]
    lost = sent["packets"] - (row["packets"] - row["drops"])
    gigabits = sent["bytes"] * 8 / sent["seconds"] / 1e9
    share = row["cpu"] / sent["seconds"] * 100
    cells = [
        protocols,
        rate or "most",
        f"{per_second / 1000:.0f}",
        f"{gigabits:.2f}",
        f"{sent['seconds']:.0f}",
        f"{row['packets']:,}",
        f"{row['drops']:,}",
        f"{lost:,}",
        f"{share:.0f} %",
        f"{row['cpu'] / row['packets'] * 1e6:.2f}",
        f"{row['shed_seconds']:.0f}",
        f"{row['peak_blocks']}/{row['blocks']}",
        f"{row['lag_seconds']:.2f}",
        row["memory"],
        f"{row['events']:,}",
        f"{row['lines'] / max(1, row['events']):.0f}",
    ]
    print("|", " | ".join(str(cell) for cell in cells), "|", flush=True)


def two_cores(capture: Path, rounds: int) -> None:
    helpers = [Helper(core, "--drain", f"far{core}") for core in (0, 1)]
    alone: list[float] = []
    together: list[float] = []
    for _ in range(rounds):
        for which in ((0,), (0, 1)):
            for number in which:
                send(capture, f"near{number}", 0, 3)
            time.sleep(0.2)
            for number in which:
                helpers[number].tell()
            rows = [helpers[number].ask() for number in which]
            rate = sum(row["packets"] / row["seconds"] for row in rows)
            (together if len(which) > 1 else alone).append(rate)
    for helper in helpers:
        helper.end()
    one, two = statistics.median(alone), statistics.median(together)
    print(f"\nfrom full rings, one worker: {one / 1000:.0f} kpps; two on two cores: ", end="")
    print(f"{two / 1000:.0f} kpps; ratio {two / one:.2f} (medians of {rounds})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("capture")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rates", default="250000,400000")
    parser.add_argument("--protocols", default=f"{FOUR}/all", help="lists, with / between them")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--receive", default="", help=argparse.SUPPRESS)
    parser.add_argument("--drain", default="", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.receive:
        wanted = [] if words.protocols == "all" else words.protocols.split(",")
        receive(words.receive, 1, wanted)
        return
    if words.drain:
        drain(words.drain)
        return
    if reason := missing():
        print(f"live_speed: skipped: {reason}")
        return
    warm_up()
    with tempfile.TemporaryDirectory() as folder:
        capture = plain(Path(words.capture), Path(folder))
        make_pairs()
        try:
            print(
                "| protocols | asked pps | sent kpps | Gbit/s | s | captured | kernel drops | missing |",
                end="",
            )
            print(" CPU | µs/packet | shed s | ring peak | lag s | MiB | events | B/event |")
            print("|---:" * 16 + "|")
            for protocols in words.protocols.split("/"):
                for rate in (int(rate) for rate in words.rates.split(",") if rate):
                    one_core(capture, protocols, rate, words.seconds)
            if words.rounds:
                two_cores(capture, words.rounds)
        finally:
            ip(f"netns del {NAMESPACE}")


if __name__ == "__main__":
    main()
