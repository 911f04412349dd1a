"""Packet sensor against Suricata 7 and tshark on one capture: time, memory, and what each found.

    python benchmarks/packet_speed.py CAPTURE [--suricata SCRIPT] [--rounds N]

CAPTURE may be compressed. SCRIPT is the bench's `peers/suricata`, set up before; without it, or
without tshark, that peer is left out. Ours and Suricata's are run in turn, as processes of their
own, on one core each, and the medians are compared. Ours runs warm: compile first with
`python -c "from sensors.packet.native import warm_up; warm_up()"`.
"""

from __future__ import annotations

import argparse
import codecs
import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_OURS = """
import sys
from pathlib import Path
from sensors.packet.capture import CaptureSensor
with open(sys.argv[2], "wb") as out:
    for batch in CaptureSensor(Path(sys.argv[1]), name="bench", sensor="bench"):
        out.write(batch.lines)
"""
WHAT = ("flows", "DNS names", "SNI", "URLs", "JA3", "JA3S", "JA4")


@dataclass
class Result:
    """One program's runs and findings."""

    name: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: int = 0  # MiB
    flows: int = 0
    found: dict[str, set[str]] = field(default_factory=dict)


def run(command: list[str]) -> tuple[float, float, int]:
    """Wall and CPU seconds, peak MiB of a child."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss // 1024


def pinned(command: list[str]) -> list[str]:
    """On one core, where taskset is there."""
    return ["taskset", "-c", "0", *command] if shutil.which("taskset") else command


def ours(capture: Path, out: Path, result: Result) -> None:
    wall, cpu, memory = run(pinned([sys.executable, "-c", _OURS, str(capture), str(out)]))
    result.wall.append(wall)
    result.cpu.append(cpu)
    result.memory = max(result.memory, memory)


def suricata(script: Path, capture: Path, folder: Path, result: Result) -> None:
    subprocess.run(
        pinned(["bash", str(script), "run", str(capture), str(folder), "ja"]),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    measured = json.loads((folder / "measured.json").read_text())
    result.wall.append(measured["wall_s"])
    result.cpu.append(measured["cpu_s"])
    result.memory = max(result.memory, measured["peak_mib"])


def texts(values: Iterable[object]) -> set[str]:
    return {str(value) for value in values if value}


def our_findings(path: Path, result: Result) -> None:
    names = ("dns.question.name", "tls.client.server_name", "url.original", "tls.client.ja3",
             "tls.server.ja3s", "tls.client.ja4")  # fmt: skip
    found: dict[str, set[str]] = {what: set() for what in WHAT[1:]}
    with path.open("rb") as lines:
        for line in lines:
            event = json.loads(line)
            result.flows += event["event.dataset"] == "flow"
            for what, name in zip(WHAT[1:], names, strict=True):
                if name in event:
                    found[what].add(event[name])
    result.found = found


def suricata_name(name: str) -> str:
    r"""A name with Suricata's `\xNN` as we write it: valid UTF-8 kept, other bytes as Latin-1."""
    raw = re.sub(
        rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), name.encode()
    )
    return raw.lower().decode("utf-8", "latin") or "."


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return chr(error.object[error.start]), error.start + 1


codecs.register_error("latin", _as_latin)


def suricata_findings(path: Path, result: Result) -> None:
    found: dict[str, set[str]] = {what: set() for what in WHAT[1:]}
    for event in read_lines(path):
        kind = event["event_type"]
        result.flows += kind == "flow"
        if kind == "dns":
            name = event["dns"].get("rrname")
            found["DNS names"] |= {suricata_name(name)} if name is not None else set()
        elif kind == "tls":
            tls = event["tls"]
            found["SNI"] |= texts([tls.get("sni")])
            found["JA3"] |= texts([tls.get("ja3", {}).get("hash")])
            found["JA3S"] |= texts([tls.get("ja3s", {}).get("hash")])
            found["JA4"] |= texts([tls.get("ja4")])
        elif kind == "http":
            url = event["http"].get("url", "")
            found["URLs"] |= texts([url]) if not url.startswith("/libhtp::") else set()
    result.found = found


def read_lines(path: Path) -> Iterator[dict]:  # type: ignore[type-arg]
    with path.open("rb") as lines:
        for line in lines:
            yield json.loads(line)


def tshark(capture: Path, result: Result) -> None:
    fields = ("dns.qry.name", "tls.handshake.extensions_server_name", "http.request.uri",
              "tls.handshake.ja3", "tls.handshake.ja3s")  # fmt: skip
    command = ["tshark", "-n", "-r", str(capture), "-Y", "dns||tls.handshake||http", "-T", "fields"]
    command += ["-E", "aggregator=/s", *(part for name in fields for part in ("-e", name))]
    start = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = subprocess.run(command, check=True, capture_output=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    result.wall.append(time.perf_counter() - start)
    result.cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    result.memory = after.ru_maxrss // 1024
    found: dict[str, set[str]] = {what: set() for what in WHAT[1:]}
    for line in output.decode("utf-8", "replace").splitlines():
        for what, cell in zip(WHAT[1:], line.split("\t"), strict=False):
            found[what] |= texts([cell]) if what == "URLs" else texts(cell.lower().split(" "))
    result.found = found


def plain(capture: Path, folder: Path) -> Path:
    """The capture, decompressed: Suricata reads nothing else."""
    if capture.suffix != ".zst":
        return capture
    target = folder / capture.stem
    subprocess.run(["zstd", "-qdf", str(capture), "-o", str(target)], check=True)
    return target


def show(results: list[Result]) -> None:
    first = results[0]
    print(
        f"{'program':12} {'wall s':>8} {'cpu s':>8} {'MiB':>6} {'ours/it wall':>13} {'ours/it cpu':>12}"
    )
    for one in results:
        wall, cpu = statistics.median(one.wall), statistics.median(one.cpu)
        ratios = (statistics.median(first.wall) / wall, statistics.median(first.cpu) / cpu)
        print(
            f"{one.name:12} {wall:8.2f} {cpu:8.2f} {one.memory:6} {ratios[0]:13.2f} {ratios[1]:12.2f}"
        )
    for peer in results[1:]:
        print(f"\n{'distinct':12} {'ours':>8} {peer.name:>10} {'both':>8} {'of its':>8}")
        if peer.flows:
            print(
                f"{'flows':12} {first.flows:8} {peer.flows:10} {'':8} {first.flows / peer.flows:8.3f}"
            )
        for what in WHAT[1:]:
            a, b = first.found[what], peer.found[what]
            if b:
                print(f"{what:12} {len(a):8} {len(b):10} {len(a & b):8} {len(a & b) / len(b):8.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("capture", type=Path)
    parser.add_argument("--suricata", type=Path)
    parser.add_argument("--tshark", action="store_true", help="slow on large captures")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        capture = plain(chosen.capture.resolve(), folder)
        results = [Result("ours")]
        if chosen.suricata:
            results.append(Result("suricata"))
        for _ in range(chosen.rounds):
            ours(capture, folder / "ours.jsonl", results[0])
            if chosen.suricata:
                suricata(chosen.suricata.resolve(), capture, folder / "eve", results[1])
        our_findings(folder / "ours.jsonl", results[0])
        if chosen.suricata:
            suricata_findings(folder / "eve" / "eve.json", results[1])
        if chosen.tshark and shutil.which("tshark"):
            results.append(Result("tshark"))
            tshark(capture, results[-1])
        show(results)


if __name__ == "__main__":
    main()
