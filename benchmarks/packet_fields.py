"""Value by value against tshark, over every capture of a folder.

    python benchmarks/packet_fields.py [CAPTURE|FOLDER …] [--keep FOLDER] [--rest N]

The bench's captures unless named; each may be compressed. For each kind of value: how many both
have between the same ends, only we, only tshark; then values of the latter. `--keep` holds what
both programs found, so that a second run of this only compares. Ends with 1 where a program failed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fidelity.fields import FIELDS, Compared

ROOT = Path(__file__).resolve().parents[1]
_BETWEEN = "\x1f"  # of several occurrences of one field
_ENDS = ("ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport", "udp.srcport",
         "udp.dstport")  # fmt: skip
Said = dict[str, dict[str, set[str]]]  # kind, ends, values


@dataclass
class Tally:
    """One kind over all captures."""

    both: int = 0
    ours: Counter[str] = field(default_factory=Counter[str])
    theirs: Counter[str] = field(default_factory=Counter[str])


def columns() -> list[str]:
    """Every field of tshark's that is compared."""
    asked = [*_ENDS]
    for kind in FIELDS:
        asked += [*kind.theirs, *(name for name, _ in kind.where)]
    return list(dict.fromkeys(asked))


def run_tshark(capture: Path, out: Path) -> None:
    """One line a packet that says something above its transport."""
    command = ["tshark", "-n", "-r", str(capture), "-Y", "(tcp.len > 0 || udp) && !icmp && !icmpv6",
               "-T", "fields", "-E", "separator=/t", "-E", f"aggregator={_BETWEEN}"]  # fmt: skip
    for name in columns():
        command += ["-e", name]
    with out.open("wb") as sink:
        sink.write("\t".join(columns()).encode() + b"\n")
        sink.flush()
        subprocess.run(command, check=False, stdout=sink, stderr=subprocess.DEVNULL)


def run_ours(capture: Path, out: Path) -> None:
    command = [sys.executable, "-m", "console.cli.main", "events", str(capture), "-o", str(out)]
    command[1:3] = ["-c", "import sys; from console.cli.main import main; sys.exit(main())"]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)


def of_tshark(path: Path) -> Said:
    said: Said = defaultdict(lambda: defaultdict(set))
    with path.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        names = next(lines).rstrip("\n").split("\t")
        for line in lines:
            cells = dict(zip(names, line.rstrip("\n").split("\t"), strict=False))
            ends = _their_ends(cells)
            for kind in FIELDS if ends else ():
                for value in _their_values(kind, cells):
                    said[kind.name][ends].add(value)
    return said


def _their_ends(cells: dict[str, str]) -> str:
    def last(*names: str) -> str:
        return next((cells[name].split(_BETWEEN)[-1] for name in names if cells.get(name)), "")

    kind = "tcp" if cells.get("tcp.srcport") else "udp"
    one = f"{last('ip.src', 'ipv6.src')} {last(f'{kind}.srcport')}"
    other = f"{last('ip.dst', 'ipv6.dst')} {last(f'{kind}.dstport')}"
    return " ".join((kind, *sorted((one, other))))


def _their_values(kind: Compared, cells: dict[str, str]) -> Iterator[str]:
    if any(not set(cells.get(name, "").split(_BETWEEN)) <= must for name, must in kind.where):
        return
    for name in kind.theirs:
        for value in cells.get(name, "").split(_BETWEEN):
            if value:
                yield from kind.values(value, of_ours=False)


def of_events(path: Path) -> Said:
    said: Said = defaultdict(lambda: defaultdict(set))
    kinds: dict[str, list[Compared]] = defaultdict(list)
    for kind in FIELDS:
        for dataset in kind.datasets:
            kinds[dataset].append(kind)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            nbns = event.get("network.protocol") == "nbns"
            wanted = kinds.get("nbns" if nbns else event["event.dataset"], ())
            if not wanted or "source.ip" not in event:
                continue
            one = f"{event['source.ip']} {event.get('source.port', '')}"
            other = f"{event['destination.ip']} {event.get('destination.port', '')}"
            ends = " ".join((event["network.transport"], *sorted((one, other))))
            for kind in wanted:
                said[kind.name][ends] |= set(_our_values(kind, event))
    return said


def _our_values(kind: Compared, event: dict[str, object]) -> Iterator[str]:
    for name in kind.ours:
        value = event.get(name, [])
        for one in value if isinstance(value, list) else [value]:
            yield from kind.values(str(one), of_ours=True)


def count(tallies: dict[str, Tally], capture: str, ours: Said, theirs: Said) -> None:
    """Add one capture."""
    for kind in FIELDS:
        mine, peer = ours.get(kind.name, {}), theirs.get(kind.name, {})
        tally = tallies[kind.name]
        for ends in {*mine, *peer}:
            a, b = mine.get(ends, set()), peer.get(ends, set())
            tally.both += len(a & b)
            tally.ours.update(f"{capture} | {ends} | {value}" for value in a - b)
            tally.theirs.update(f"{capture} | {ends} | {value}" for value in b - a)


def found(chosen: Iterable[Path]) -> Iterator[Path]:
    for path in chosen:
        yield from sorted(path.rglob("*.pcap*")) if path.is_dir() else (path,)


def plain(capture: Path, folder: Path) -> Path:
    if capture.suffix != ".zst":
        return capture
    target = folder / capture.stem
    if not target.exists():
        subprocess.run(["zstd", "-qdf", str(capture), "-o", str(target)], check=True)
    return target


def show(tallies: dict[str, Tally], rest: int) -> None:
    print(f"{'kind':26} {'both':>8} {'only ours':>10} {'only tshark':>12} {'of its':>8}")
    for name, tally in tallies.items():
        of_its = tally.both + len(tally.theirs)
        if of_its or tally.ours:
            share = f"{tally.both / of_its:8.4f}" if of_its else f"{'-':>8}"
            print(f"{name:26} {tally.both:8} {len(tally.ours):10} {len(tally.theirs):12} {share}")
    for name, tally in tallies.items():
        for what, values in (("only tshark", tally.theirs), ("only ours", tally.ours)):
            for value in list(values)[:rest]:
                print(f"  {name}, {what}: {value[:200]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    bench = Path(os.environ.get("FENGSUI_BENCH", ROOT.parent / "shared" / "bench"))
    parser.add_argument("captures", type=Path, nargs="*", default=[bench])
    parser.add_argument("--keep", type=Path, help="folder for what both found")
    parser.add_argument("--rest", type=int, default=0, help="differing values shown of each kind")
    chosen = parser.parse_args()
    if not shutil.which("tshark"):
        print("tshark is MISSING: nothing compared")
        return 0
    tallies = {kind.name: Tally() for kind in FIELDS}
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        for number, capture in enumerate(found(chosen.captures)):
            file = plain(capture.resolve(), folder)
            stem = folder / (file.stem if chosen.keep else str(number))
            theirs, ours = stem.with_name(stem.name + ".tsv"), stem.with_name(stem.name + ".ndjson")
            if not theirs.exists():
                run_tshark(file, theirs)
            run_ours(file, ours)
            count(tallies, capture.name, of_events(ours), of_tshark(theirs))
            print(f"\r{number + 1} captures", end="", file=sys.stderr)
    print(file=sys.stderr)
    show(tallies, chosen.rest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
