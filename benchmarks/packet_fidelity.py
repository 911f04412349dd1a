"""What `fengsui events` finds in a capture, against what Suricata 7 and tshark find in it.

    python benchmarks/packet_fidelity.py [CAPTURE] [--suricata SCRIPT] [--no-tshark] [--rest N]

CAPTURE is the bench's captures/office unless named; it may be compressed. SCRIPT is the bench's
`peers/suricata`, set up before. For each kind: distinct values, how many of Suricata's are ours, the
bar where there is one, and why each of the rest is not (`fidelity/reasons.py`). Then flow by flow
with tshark. A peer that is not there is said to be missing. Ends with 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from fidelity import flows
from fidelity.kinds import KINDS, Event, Kind, ends_of, our_ends
from fidelity.reasons import reason, tshark_reason

ROOT = Path(__file__).resolve().parents[1]
MOST_APART = 0.02  # of the number of flows
LEAST_FLOWS = 200  # that tshark and we must have in common, where the capture has as many


def lines(path: Path) -> Iterator[Event]:
    with path.open(encoding="utf-8", errors="replace") as text:
        for line in text:
            yield json.loads(line)


def ours(capture: Path, folder: Path) -> Path:
    out = folder / "ours.ndjson"
    code = "import sys; from console.cli.main import main; sys.exit(main())"
    command = [
        sys.executable,
        "-c",
        code,
        "events",
        str(capture),
        "--protocols",
        "all",
        "-o",
        str(out),
    ]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    return out


def suricata(script: Path, capture: Path, folder: Path) -> Path:
    command = ["bash", str(script), "run", str(capture), str(folder / "eve"), "all"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "eve" / "eve.json"


def plain(capture: Path, folder: Path) -> Path:
    """The capture, decompressed: the peers read nothing else."""
    if capture.suffix != ".zst":
        return capture
    target = folder / capture.stem
    subprocess.run(["zstd", "-qdf", str(capture), "-o", str(target)], check=True)
    return target


class Found:
    """Values of each kind with the record that had them first, and numbers of records."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, Event]] = {kind.name: {} for kind in KINDS}
        self.flows = 0
        self.holed: set[str] = set()  # ends of flows of which bytes are missing

    def add(self, record: Event, of_peer: bool) -> None:
        """Take one event, or one record of Suricata's."""
        self.flows += record.get("event_type" if of_peer else "event.dataset") == "flow"
        if "zeek.connection.missed_bytes" in record:
            self.holed.update(our_ends(record))
        for kind in KINDS:
            for value in kind.theirs(record) if of_peer else kind.ours(record):
                if value:
                    self.values[kind.name].setdefault(value, record)


def find(path: Path, of_peer: bool) -> Found:
    found = Found()
    for record in lines(path):
        found.add(record, of_peer)
    return found


def against_suricata(mine: Found, peer: Found, rest: int) -> bool:
    """Print the comparison; whether all bars are kept."""
    good = True
    print(f"{'distinct':20} {'ours':>8} {'Suricata':>9} {'both':>8} {'of its':>8} {'bar':>6}")
    for kind in KINDS:
        a, b = set(mine.values[kind.name]), set(peer.values[kind.name])
        if not b:
            if a:
                print(f"{kind.name:20} {len(a):8} {0:9} {'-':>8} {'-':>8}")
            continue
        share = len(a & b) / len(b)
        kept = share >= kind.bar
        good = good and kept
        bar = f"{kind.bar:6.2f}{'' if kept else '  MISSED'}" if kind.bar else ""
        print(f"{kind.name:20} {len(a):8} {len(b):9} {len(a & b):8} {share:8.4f} {bar}")
    apart = abs(mine.flows / peer.flows - 1) if peer.flows else 0.0
    good = good and apart <= MOST_APART
    print(
        f"{'flow records':20} {mine.flows:8} {peer.flows:9} {'':8} {mine.flows / max(1, peer.flows):8.4f}"
        f" ±{MOST_APART}{'' if apart <= MOST_APART else '  MISSED'}"
    )
    print("\nof Suricata's, not ours:")
    for kind in KINDS:
        show_rest(kind, mine, peer, rest)
    return good


def show_rest(kind: Kind, mine: Found, peer: Found, rest: int) -> None:
    left: dict[tuple[str, bool], list[str]] = {}
    for value, record in peer.values[kind.name].items():
        if value not in mine.values[kind.name]:
            why = reason(kind.name, value, record, holes=ends_of(record) in mine.holed)
            left.setdefault(why, []).append(value)
    for (why, fault), values in left.items():
        mark = "to mend: " if fault and why else ""
        print(f"  {kind.name}: {len(values)} × {mark}{why or 'NOT EXPLAINED'}")
        for value in values[: rest if why else rest * 4]:
            print(f"      {value[:110]}")


def against_tshark(capture: Path, events: Path, rest: int) -> bool:
    """Print the comparison; whether packets, bytes and times are equal in all flows."""
    theirs, left = flows.of_tshark(capture)
    result = flows.compare(flows.of_events(lines(events)), theirs)
    apart = ", ".join(f"{count} {what}" for what, count in result.left.items()) or "none"
    print(f"\ntshark: {result.flows} flows compared; left out: {apart}; {left} packets")
    for what in flows.NUMBERS:
        print(f"  {what:18} equal in {result.equal[what]:6} of {result.flows:6}")
    for what in flows.TEXTS:
        print(
            f"  {what:18} equal in {result.equal[what]:6} of {result.having[what]:6} that have it"
        )
    reasons = Counter(
        (what, tshark_reason(what, str(key), text)) for what, key, text in result.differ
    )
    for (what, why), count in reasons.items():
        print(f"  {what}: {count} × {why or 'NOT EXPLAINED'}")
    unknown = [one for one in result.differ if not tshark_reason(one[0], str(one[1]), one[2])]
    for what, key, text in unknown[: rest * 4]:
        print(f"      {what} {' | '.join(key)}: {text[:160]}")
    if result.flows < min(LEAST_FLOWS, len(theirs)):
        return False
    return all(result.equal[what] == result.flows for what in flows.NUMBERS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    bench = Path(os.environ.get("FENGSUI_BENCH", ROOT.parent / "shared" / "bench"))
    parser.add_argument("capture", type=Path, nargs="?", default=bench / "captures/office.pcap.zst")
    parser.add_argument("--suricata", type=Path, default=bench / "peers/suricata")
    parser.add_argument("--no-tshark", action="store_true")
    parser.add_argument("--rest", type=int, default=3, help="values shown of each reason")
    chosen = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        capture = plain(chosen.capture.resolve(), folder)
        events = ours(capture, folder)
        peers = Path(os.environ.get("FENGSUI_PEERS", Path.home() / ".cache/fengsui-peers"))
        if chosen.suricata.is_file() and (peers / "trixie/usr/bin/suricata").exists():
            eve = suricata(chosen.suricata.resolve(), capture, folder)
            good = against_suricata(find(events, False), find(eve, True), chosen.rest)
        else:
            print(
                "Suricata is MISSING: `peers/suricata setup` of the bench; nothing compared with it"
            )
        if chosen.no_tshark or not shutil.which("tshark"):
            print("tshark is MISSING or not wanted: no comparison flow by flow")
        else:
            good = against_tshark(capture, events, chosen.rest) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
