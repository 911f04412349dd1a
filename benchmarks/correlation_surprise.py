"""Correlation of foreign alerts, judged on five networks with one labelled attack each.

    python benchmarks/correlation_surprise.py [--bench ../shared/bench] [--held-out] [--all-mixes]

The data (`alerts/` of the bench) is the AIT Alert Data Set. What is judged are pairs of host and kind
of alert. A pair is *true* when an alert of it in a window of the attack is labelled as the attack's, or
its kind comes less than five times a day in the network's first 1.9 days. Purity is shown three ways:
strict (only true pairs are right), narrow (pairs in a window that their host shows less than five times
a day are not held against it), grey (nor pairs whose number in the windows is far above the host's own
rate, Poisson p < .01). Completeness is the share of true pairs in the incident that holds most of them.

The structure was shaped while looking at all five networks, so `--held-out` covers the weights only:
each network is judged with the setting that did best on the other four.
"""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import math
import random
import resource
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import zstandard

from correlation.surprise.correlating import Correlated, correlate
from correlation.surprise.incidents import SurpriseIncident
from correlation.surprise.parameters import Parameters
from correlation.surprise.table import AlertTable
from fengsui.clock import SECOND
from fengsui.severity import Severity
from sensors.alerts.foreign import ForeignAlert

NETWORKS = ("fox", "russellmitchell", "santos", "wardbeck", "wheeler")
CHAIN = (
    *("network_scans", "service_scans", "wpscan", "dirb", "webshell"),
    *("cracking", "reverse_shell", "privilege_escalation"),
)
DAY = 86_400
BASE_DAYS = 1.9
RARE = 5  # a day
EPOCH = 1_700_000_000
GRID = [
    {"theta": theta, "link_floor": floor, "rare": rare, "raise_at": raise_at}
    for theta, floor, rare in (
        *((6.0, 4.0, 5.85), (5.0, 4.0, 5.85), (7.0, 4.0, 5.85)),
        *((6.0, 3.5, 5.85), (6.0, 4.5, 5.85), (6.0, 4.0, 5.0), (6.0, 4.0, 6.5)),
    )
    for raise_at in (140.0, 175.0, 210.0)
]
SHARED = "10.255.255.1"  # the firewall of all, where they share one

Pair = tuple[str, str]  # (address, kind)


@dataclass(frozen=True)
class Row:
    """One alert of the data set."""

    time: int
    address: str
    host: str
    kind: str
    title: str
    phase: str
    label: str


class Network:
    """One network with what is true of its attack."""

    def __init__(self, path: Path) -> None:
        text = zstandard.ZstdDecompressor().stream_reader(path.open("rb"))
        self.rows = [
            Row(
                int(float(r["time"])),
                r["ip"],
                r["host"],
                r["short"],
                r["name"],
                r["time_label"],
                r["event_label"],
            )
            for r in csv.DictReader(io.TextIOWrapper(text, "utf-8"))
        ]
        start = min(row.time for row in self.rows)
        base = [row for row in self.rows if row.time < start + BASE_DAYS * DAY]
        kinds = Counter(row.kind for row in base)
        usual = Counter((row.address, row.kind) for row in base)
        inside = [row for row in self.rows if row.phase in CHAIN]
        windows: dict[str, tuple[int, int]] = {}
        self.phases: defaultdict[str, set[Pair]] = defaultdict(set)
        seen = Counter((row.address, row.kind) for row in inside)
        for row in inside:
            first, last = windows.get(row.phase, (row.time, row.time))
            windows[row.phase] = (min(first, row.time), max(last, row.time))
            if row.label != "-" or kinds[row.kind] / BASE_DAYS < RARE:
                self.phases[row.phase].add((row.address, row.kind))
        self.true: set[Pair] = set().union(*self.phases.values())
        self.began = min(r.time for r in inside if (r.address, r.kind) in self.true)
        self.escalated = windows["privilege_escalation"][0]
        span = sum(last - first + 1 for first, last in windows.values()) / DAY
        self.narrow = {pair for pair in seen if usual[pair] / BASE_DAYS < RARE}
        self.grey = {
            pair
            for pair, n in seen.items()
            if tail(n, (usual[pair] / BASE_DAYS + 0.26) * span) < 0.01
        }


def tail(n: int, expected: float) -> float:
    """Chance of at least n by Poisson."""
    term, total = math.exp(-expected), 0.0
    for k in range(min(n, 1_000)):
        total += term
        term *= expected / (k + 1)
    return max(0.0, 1 - total)


def table_of(rows: Iterable[Row]) -> AlertTable:
    table = AlertTable()
    for number, row in enumerate(rows):
        tool = row.title.partition(":")[0].lower()
        table.add(
            0,
            number,
            ForeignAlert(
                row.time * SECOND, tool, row.kind, row.title, row.host, row.address, "", None
            ),
        )
    return table


def pairs_at(numbers: Iterable[int], rows: Sequence[Row]) -> set[Pair]:
    return {(rows[n].address, rows[n].kind) for n in numbers}


def pairs_of(incident: SurpriseIncident, rows: Sequence[Row]) -> set[Pair]:
    return pairs_at(incident.alerts.tolist(), rows)


@dataclass(frozen=True)
class Judged:
    """What came of one network's attack."""

    complete: float
    strict: float
    narrow: float
    grey: float
    phases: int
    lead: float  # minutes before privilege escalation


def judge(network: Network, pairs: set[Pair], raised: int | None) -> Judged:
    good = len(pairs & network.true)

    def purity(not_held: set[Pair]) -> float:
        counted = [p for p in pairs if p in network.true or p not in not_held]
        return good / len(counted) if counted else 0.0

    lead = math.nan if raised is None else (network.escalated - raised) / 60
    phases = sum(1 for found in network.phases.values() if found & pairs)
    return Judged(
        good / len(network.true),
        purity(set()),
        purity(network.narrow),
        purity(network.grey),
        phases,
        lead,
    )


def single(network: Network, weights: Parameters) -> tuple[Judged, Correlated, int]:
    """The judged best incident, all of them, and how many are of high severity."""
    found = correlate(table_of(network.rows), parameters=weights)
    best = max(found.incidents, key=lambda i: len(pairs_of(i, network.rows) & network.true))
    high = sum(one.severity >= Severity.HIGH for one in found.incidents)
    return judge(network, pairs_of(best, network.rows), best.raised), found, high


def row(name: str, judged: Judged, high: int) -> str:
    return (
        f"| {name} | {high} | {judged.complete:.3f} | {judged.strict:.3f} | {judged.narrow:.3f} | "
        f"{judged.grey:.3f} | {judged.phases} | {judged.lead:.0f} |"
    )


HEAD = (
    "| network | high | completeness | purity strict | narrow | grey | phases | lead, min |\n"
    "|---|---|---|---|---|---|---|---|"
)


def singles(networks: Mapping[str, Network]) -> None:
    print(HEAD)
    for name, network in networks.items():
        judged, _, high = single(network, Parameters())
        print(row(name, judged, high), flush=True)


def sessions(rows: Sequence[Row], by: str, gap: int) -> list[set[Pair]]:
    """A naive way: alerts of one key without a longer gap are an incident."""
    latest: dict[Pair, tuple[int, int]] = {}
    found: list[set[Pair]] = []
    for one in sorted(rows, key=lambda row: row.time):
        pair = (one.address, one.kind)
        key = {"pair": pair, "host": (one.address, ""), "all": ("", "")}[by]
        number, last = latest.get(key, (-1, 0))
        if number < 0 or one.time - last > gap:
            number = len(found)
            found.append(set())
        found[number].add(pair)
        latest[key] = (number, one.time)
    return found


def naive(networks: Mapping[str, Network]) -> None:
    print("\n| naive way | incidents | completeness of the best | purity strict | grey |")
    print("|---|---|---|---|---|")
    for name, by, gap in (
        ("dedupe host and kind, 1 h", "pair", 3_600),
        ("session of a host, 1 h", "host", 3_600),
        ("session of the network, 5 min", "all", 300),
    ):
        count, judged = 0, list[Judged]()
        for network in networks.values():
            found = sessions(network.rows, by, gap)
            count += len(found)
            best = max(found, key=lambda pairs: (len(pairs & network.true), -len(pairs)))
            judged.append(judge(network, best, None))
        complete, strict, grey = (
            sum(values) / len(judged)
            for values in zip(*((j.complete, j.strict, j.grey) for j in judged), strict=True)
        )
        print(f"| {name} | {count:,} | {complete:.3f} | {strict:.3f} | {grey:.3f} |", flush=True)


def held_out(networks: Mapping[str, Network]) -> None:
    """Weights chosen on the other four: most complete and pure, with exactly one high incident."""
    scores: dict[tuple[str, int], tuple[float, Judged, int]] = {}
    for name, network in networks.items():
        for number, setting in enumerate(GRID):
            judged, _, high = single(network, replace(Parameters(), **setting))
            scores[name, number] = (judged.complete + judged.grey - (high != 1), judged, high)
    print(f"\nheld out: of {len(GRID)} settings the one that did best on the other four\n" + HEAD)
    for name in networks:
        best = max(
            range(len(GRID)),
            key=lambda n: sum(scores[other, n][0] for other in networks if other != name),
        )
        _, judged, high = scores[name, best]
        words = ", ".join(f"{key} {value:g}" for key, value in GRID[best].items())
        print(row(f"{name} ({words})", judged, high), flush=True)


@dataclass(frozen=True)
class Mixed:
    """What came of several networks' attacks in one stream.

    Attributes:
        high: incidents of high severity or above.
        distinct: of them, that hold most of an attack.
        most: networks in the worst incident.
        complete: of each network's attack.
    """

    high: int
    distinct: int
    most: int
    complete: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean completeness."""
        return sum(self.complete) / len(self.complete)

    def __str__(self) -> str:
        counts = f"| {self.high} | {self.distinct} | {self.most} "
        return f"{counts}| {self.mean:.3f} | {min(self.complete):.3f} |"


@dataclass(frozen=True)
class Mixing:
    """How networks are laid over each other.

    Attributes:
        shift: between the attacks: `20 min`, `random`, `3 s`.
        skew: s by which clocks are wrong at most.
        by_host: whether each host's clock is wrong by its own, not each alert's.
        firewall: whether they share one; its alerts count for every network that they are true of,
            where they stand in its incident as context.
        apart: whether each network has prefixes of its own.
    """

    shift: str
    seed: int
    skew: int = 0
    by_host: bool = False
    firewall: bool = False
    apart: bool = False


def mix(networks: Sequence[Network], how: Mixing) -> Mixed:
    """Attacks interleaved, and what is found of them."""
    chance = random.Random(how.seed)
    rows: list[Row] = []
    owner: dict[str, int] = {}
    renamed: list[dict[str, str]] = []
    for number, network in enumerate(networks):
        begin = {
            "20 min": 1_200 * number,
            "random": chance.randrange(5_400),
            "3 s": chance.randrange(3),
        }
        offset = EPOCH + begin[how.shift] - network.began
        names: dict[str, str] = {}
        own: dict[str, int] = {}
        for one in network.rows:
            off = offset
            if how.skew and how.by_host:
                if one.address not in own:
                    own[one.address] = chance.randint(-how.skew, how.skew)
                off += own[one.address]
            elif how.skew:
                off += chance.randint(-how.skew, how.skew)
            address = names.get(one.address)
            if address is None:
                shared = how.firewall and one.host == "inet-firewall"
                address = SHARED if shared else _moved(one.address, number if how.apart else None)
                names[one.address] = address
                if not shared:
                    owner[address] = number
            rows.append(replace(one, time=one.time + off, address=address))
        renamed.append(names)
    found = correlate(table_of(rows))
    grave = [i for i in found.incidents if i.severity >= Severity.HIGH]
    held = [(pairs_of(i, rows), pairs_at(i.shared.tolist(), rows)) for i in grave]
    most = max((len({owner[a] for a, _ in own if a in owner}) for own, _ in held), default=0)
    complete: list[float] = []
    best: set[int] = set()
    for names, network in zip(renamed, networks, strict=True):
        true = {(names[address], kind) for address, kind in network.true}
        if not held:
            complete.append(0.0)
            continue
        number = max(range(len(held)), key=lambda n: len(held[n][0] & true))
        best.add(number)
        complete.append(len(set().union(*held[number]) & true) / len(true))
    return Mixed(len(grave), len(best), most, tuple(complete))


def _moved(address: str, number: int | None) -> str:
    """An address of a network with prefixes of its own: a /16 for each that it had."""
    if number is None:
        return address
    first, _, *rest = address.split(".")
    place = {"10": 0, "172": 1, "192": 2}[first]
    return f"10.{3 * number + place + 1}.{'.'.join(rest)}"


def mixes(networks: Mapping[str, Network], *, everything: bool) -> None:
    print(
        "\n| attacks | shift | of them | high | distinct | networks in one, most | completeness | least |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for size in (2, 3, 4, 5):
        groups = list(itertools.combinations(networks, size))
        for number, shift in enumerate(("20 min", "random", "3 s")):
            chosen = groups if everything else groups[number :: max(1, len(groups))]
            for group in chosen or groups[:1]:
                for firewall in (False, True):
                    how = Mixing(shift, size, firewall=firewall)
                    line = mix([networks[n] for n in group], how)
                    words = ", ".join(group) + (", one firewall for all" if firewall else "")
                    print(f"| {size} | {shift} | {words} {line}", flush=True)
    everyone = list(networks.values())
    for seed in (1, 2, 3):
        line = mix(everyone, Mixing("random", seed))
        print(f"| 5 | random, seed {seed} | all {line}", flush=True)
    line = mix(everyone, Mixing("20 min", 1, skew=30))
    print(f"| 5 | 20 min | all, clocks wrong by up to 30 s {line}")


def speed(bench: Path) -> None:
    """All networks twice, the second time a week later, from files through the command."""
    with tempfile.TemporaryDirectory() as folder:
        paths: list[str] = []
        for name in NETWORKS:
            packed = (bench / f"alerts/ait_{name}.csv.zst").open("rb")
            text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed), "utf-8")
            both = [Path(folder) / f"{name}{turn}.csv" for turn in (0, 1)]
            with both[0].open("w") as now, both[1].open("w") as later:
                head = next(text)
                now.write(head)
                later.write(head)
                for line in text:
                    time, _, rest = line.partition(",")
                    now.write(line)
                    later.write(f"{int(float(time)) + 7 * DAY},{rest}")
            paths += map(str, both)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-m", "console.cli.main", "correlate", *paths, "--json"],
            stdout=subprocess.PIPE,
            check=True,
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    document = orjson.loads(done.stdout)
    print(
        f"\n{document['alerts_read']:,} alerts from files by `fengsui correlate --json`: {used:.1f} CPU-s, "
        f"{document['seconds']} s, {document['peak_mib']} MiB (bars 30 s, 256 MiB)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bench", type=Path, default=Path("../shared/bench"))
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--all-mixes", action="store_true", help="every group of networks")
    parser.add_argument("--no-mixes", action="store_true")
    given = parser.parse_args()
    paths = {name: given.bench / f"alerts/ait_{name}.csv.zst" for name in NETWORKS}
    networks = {name: Network(path) for name, path in paths.items() if path.exists()}
    if not networks:
        print(f"skipped: no alerts in {given.bench}/alerts")
        return
    singles(networks)
    naive(networks)
    if given.held_out:
        held_out(networks)
    if not given.no_mixes:
        mixes(networks, everything=given.all_mixes)
    speed(given.bench)


if __name__ == "__main__":
    main()
