"""Correlation on made-up networks with other habits than those that it was shaped on.

    python benchmarks/correlation_strangers.py [--seeds 2000 2010] [--shape plain …]

Each network is drawn by a seed: 5 to 400 hosts (5,000 in the shape `wide`), office hours or all day, an
EDR, an IDS, a WAF and the like with 12 to 50 usual kinds, jobs that come by the clock, one evening of
upgrades. An attack is 6 to 14 steps over 2 to 5 hosts in 20 minutes to 8 hours; of its steps some are of
kinds that other hosts show every day. *Found*: an incident of high or above holds half of the attack's
pairs of host and kind; *false*: incidents of high or above that hold none of them.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from correlation.surprise.correlating import correlate
from correlation.surprise.table import AlertTable
from fengsui.clock import SECOND
from fengsui.severity import Severity
from sensors.alerts.foreign import ForeignAlert

DAY = 86_400
EPOCH = 1_760_054_400
TOOLS = ("edr", "ids", "waf", "proxy", "mail gateway", "directory")
STEPS = (
    *("ids: sweep of ports", "ids: exploit of a web application", "waf: script uploaded"),
    *("edr: shell started by a server", "edr: memory of the logon process read"),
    *("directory: many logons failed, then one", "edr: service created from afar"),
    *("ids: beacon to an unknown host", "edr: driver loaded to gain rights"),
    *("edr: task scheduled by a script", "proxy: archive sent to foreign storage"),
    *(
        "edr: tool of administrators renamed",
        "edr: event log cleared",
        "ids: tunnel in name queries",
    ),
)
GRAVE = (1, 3, 3, 3, 4, 3, 3, 3, 4, 2, 3, 2, 3, 2)
Host = tuple[str, str]  # address, name
Row = tuple[int, str, int, Host]  # s, kind, severity, host


@dataclass
class Drawn:
    """One network; `peers`, addresses that alerts name beside their host."""

    chance: random.Random
    hosts: list[Host]
    days: int
    rows: list[Row] = field(default_factory=list[Row])
    attacks: list[list[Row]] = field(default_factory=list[list[Row]])
    peers: dict[Row, str] = field(default_factory=dict[Row, str])


def draw(seed: int, hosts: int | None = None, days: int | None = None) -> Drawn:
    """A network without attack."""
    chance = random.Random(seed)
    many = hosts or round(10 ** chance.uniform(0.7, 2.6))
    nets = [f"10.{chance.randrange(256)}.{chance.randrange(250)}" for _ in range(1 + many // 80)]
    known = [(f"{chance.choice(nets)}.{n % 250 + 1}", f"h{seed}-{n:04d}") for n in range(many)]
    network = Drawn(chance, known, days or chance.randrange(4, 9))
    office = chance.random() < 0.7
    for number in range(chance.randrange(12, 50)):
        tool = chance.choice(TOOLS)
        kind, severity = f"{tool}: usual {seed}-{number}", chance.choice((0, 0, 1, 1, 1, 2, 2, 3))
        share, rate = chance.random() ** 2, min(8.0, chance.lognormvariate(-1, 1.2))
        by_clock = chance.random() < 0.2
        for host in known:
            if chance.random() < share:
                usual(network, kind, severity, host, rate, office=office, by_clock=by_clock)
    upgrades(network)
    return network


def usual(
    net: Drawn, kind: str, severity: int, host: Host, rate: float, *, office: bool, by_clock: bool
) -> None:
    minute = net.chance.randrange(DAY)
    for day in range(net.days):
        count = int(rate) + (net.chance.random() < rate % 1)
        for _ in range(1 if by_clock else count):
            of_day = net.chance.gauss(13, 3) * 3_600 if office else net.chance.random() * DAY
            at = minute if by_clock else int(of_day) % DAY
            for _ in range(net.chance.choice((1, 1, 1, 2, 5))):
                net.rows.append(
                    (EPOCH + day * DAY + at + net.chance.randrange(9), kind, severity, host)
                )


def upgrades(net: Drawn) -> None:
    """One evening on which most hosts show three kinds that nobody has shown."""
    at = EPOCH + int((net.days * 0.5 + 0.8) * DAY)
    for host in net.hosts:
        if net.chance.random() < 0.8:
            begin = at + net.chance.randrange(3_600)
            for kind in ("edr: program replaced", "edr: service stopped", "directory: policy set"):
                net.rows.append((begin + net.chance.randrange(300), kind, 1, host))


def attack(net: Drawn, begin: float, lasts: float, steps: int | None = None, most: int = 9) -> None:
    """An attack that begins on a day (s from the network's first) and lasts so long (s)."""
    chance = net.chance
    targets = chance.sample(net.hosts, min(len(net.hosts), chance.randrange(2, 6)))
    number = steps or chance.randrange(6, len(STEPS) + 1)
    chosen = sorted(chance.sample(range(len(STEPS)), number))
    known = [row for row in net.rows if row[3] not in targets]
    found: list[Row] = []
    for place, step in enumerate(chosen):
        at = EPOCH + begin + lasts * (place + chance.random() * 0.5) / number
        host = targets[min(len(targets) - 1, place * len(targets) // number)]
        kind, severity = STEPS[step], GRAVE[step]
        if known and steps is None and chance.random() < 0.15:
            _, kind, severity, _ = chance.choice(known)
        for _ in range(chance.randrange(1, 1 + most)):
            found.append((int(at), kind, severity, host))
            at += chance.randrange(1, 40)
    net.attacks.append(found)


def plain(seed: int, **size: int) -> Drawn:
    net = draw(seed, **size)
    attack(
        net,
        net.chance.uniform(net.days * 0.5, net.days - 0.6) * DAY,
        net.chance.uniform(1_200, 28_800),
    )
    return net


def first_day(seed: int) -> Drawn:
    net = draw(seed, days=3)
    attack(net, net.chance.uniform(0.25, 0.7) * DAY, net.chance.uniform(1_200, 14_400))
    return net


def slow(seed: int) -> Drawn:
    net = draw(seed, days=12)
    attack(net, 4 * DAY, 6 * DAY)
    return net


def scanner(seed: int) -> Drawn:
    """One host that half of all alerts are about, of the attack's own kinds too."""
    net = plain(seed)
    noisy = net.hosts[0]
    for _ in range(len(net.rows)):
        at = EPOCH + net.chance.randrange(net.days * DAY)
        net.rows.append((at, net.chance.choice(STEPS[:3]), 3, noisy))
    return net


def few(seed: int) -> Drawn:
    net = draw(seed)
    attack(net, (net.days - 1.5) * DAY, 3_600, steps=5, most=1)
    return net


def two(seed: int) -> Drawn:
    net = plain(seed)
    attack(net, (net.days - 0.5) * DAY, 7_200)
    return net


def six(seed: int) -> Drawn:
    return readdressed(
        plain(seed), lambda host: (f"2001:db8::{host[0].replace('.', ':')}", host[1])
    )


def by_name(seed: int) -> Drawn:
    return readdressed(plain(seed), lambda host: ("", host[1]))


def hops(seed: int) -> Drawn:
    """Several subnets without a link and names without numbers; the last step on a host names the next."""
    net = plain(seed, hosts=120 + 20 * (seed % 10))
    words = random.Random(seed)
    called = {name: "".join(words.choices("bcdfglmnprstvw", k=7)) for _, name in net.hosts}
    readdressed(net, lambda host: (host[0], called[host[1]]))
    for one in net.attacks:
        for row, after in pairwise(one):
            if row[3] != after[3]:
                net.peers[row] = after[3][0]
    return net


def readdressed(net: Drawn, change: Callable[[Host], Host]) -> Drawn:
    for rows in (net.rows, *net.attacks):
        rows[:] = [(*row[:3], change(row[3])) for row in rows]
    return net


SHAPES: dict[str, Callable[[int], Drawn]] = {
    "plain": plain,
    "first day": first_day,
    "six days": slow,
    "scanner": scanner,
    "five alerts": few,
    "two attacks": two,
    "IPv6": six,
    "names": by_name,
    "hops": hops,
    "wide": lambda seed: plain(seed, hosts=5_000, days=4),
    "none": draw,
}


def table_of(
    rows: Iterable[Row], peers: Mapping[Row, str] | None = None, *, weighed: bool
) -> AlertTable:
    table = AlertTable()
    for number, row in enumerate(rows):
        time, kind, severity, (address, name) = row
        said = Severity(severity) if weighed else None
        alert = ForeignAlert(
            time * SECOND, kind.partition(":")[0], kind, kind, name, address, "", said
        )
        peer = peers.get(row) if peers else None
        table.add(0, number, alert._replace(others=(("host", peer),)) if peer else alert)
    return table


@dataclass
class Judged:
    """Sums over networks."""

    attacks: int = 0
    found: int = 0
    complete: float = 0.0
    pure: float = 0.0
    false: int = 0
    networks: int = 0


def judge(net: Drawn, judged: Judged, *, weighed: bool) -> list[str]:
    rows = [*net.rows, *(row for attack in net.attacks for row in attack)]
    high = [
        {(rows[n][3], rows[n][1]) for n in incident.alerts.tolist()}
        for incident in correlate(table_of(rows, net.peers, weighed=weighed)).incidents
        if incident.severity >= Severity.HIGH
    ]
    judged.networks += 1
    words: list[str] = []
    everything: set[tuple[Host, str]] = set()
    for one in net.attacks:
        true = {(host, kind) for _, kind, _, host in one}
        everything |= true
        best = max(high, key=lambda held: len(held & true), default=set[tuple[Host, str]]())
        share = len(best & true) / len(true)
        judged.attacks += 1
        judged.found += share >= 0.5
        judged.complete += share
        judged.pure += len(best & true) / max(1, len(best))
        words.append(f"{share:.2f}")
    false = sum(held.isdisjoint(everything) for held in high)
    judged.false += false
    return [
        *words,
        f"high {len(high)}",
        f"false {false}",
        f"hosts {len(net.hosts)}",
        f"alerts {len(rows)}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, nargs=2, default=(2_000, 2_010))
    parser.add_argument("--shape", nargs="*", default=[])
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    print(
        "| shape | severities | attacks found | completeness | purity | false high, per network |"
    )
    print("|---|---|---|---|---|---|")
    for name, shape in SHAPES.items():
        if args.shape and name not in args.shape:
            continue
        for weighed in (True, False):
            judged = Judged()
            for seed in (
                range(*args.seeds) if name != "wide" else range(args.seeds[0], args.seeds[0] + 2)
            ):
                words = judge(shape(seed), judged, weighed=weighed)
                if args.verbose:
                    print("  ", seed, *words)
            n = max(1, judged.attacks)
            print(
                f"| {name} | {'yes' if weighed else 'none'} | {judged.found} of {judged.attacks} | "
                f"{judged.complete / n:.2f} | {judged.pure / n:.2f} | {judged.false / judged.networks:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
