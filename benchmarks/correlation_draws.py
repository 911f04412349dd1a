"""Mixes of attacks drawn at random: how often one goes wrong tells more than a table of chosen ones.

    python -m benchmarks.correlation_draws --kind firewall --seeds 100 104 [--draws 4] [--verbose]

Two to five of the AIT networks, their shift, and whether each has prefixes of its own, are drawn by a seed
(`correlation_surprise.mix`). Kinds: `addresses` as they are; `firewall`, one shared by all; `alert clocks`,
each alert's time wrong by up to 30 s; `host clocks`, each host's. *Mixed* are draws with two networks in
one incident of high or above, *missed* those in which an attack has none of its own.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import replace
from pathlib import Path

from benchmarks.correlation_surprise import NETWORKS, Mixed, Mixing, Network, mix

KINDS = {
    "addresses": Mixing("random", 0),
    "firewall": Mixing("random", 0, firewall=True),
    "alert clocks": Mixing("random", 0, skew=30),
    "host clocks": Mixing("random", 0, skew=30, by_host=True),
}


def drawn(networks: list[Network], kind: str, chance: random.Random) -> tuple[str, Mixed]:
    """One draw in words, and what came of it."""
    chosen = chance.sample(
        range(len(networks)), min(len(networks), chance.choice((2, 2, 3, 3, 4, 5)))
    )
    how = replace(
        KINDS[kind],
        shift=chance.choice(("20 min", "random", "3 s")),
        seed=chance.randrange(1_000),
        apart=chance.random() < 1 / 3,
    )
    words = ", ".join(NETWORKS[number] for number in chosen)
    return f"{words}; {how}", mix([networks[number] for number in chosen], how)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bench", type=Path, default=Path("../shared/bench"))
    parser.add_argument("--kind", choices=[*KINDS], nargs="*", default=[*KINDS])
    parser.add_argument("--seeds", type=int, nargs=2, default=(100, 102))
    parser.add_argument("--draws", type=int, default=4, help="of each seed")
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    paths = [given.bench / f"alerts/ait_{name}.csv.zst" for name in NETWORKS]
    if not all(path.exists() for path in paths):
        print(f"skipped: no alerts in {given.bench}/alerts")
        return
    networks = [Network(path) for path in paths]
    print("| drawn at random | n | mean completeness | least | mixed | missed | further high |")
    print("|---|---|---|---|---|---|---|")
    for kind in given.kind:
        results: list[Mixed] = []
        for seed in range(*given.seeds):
            chance = random.Random(seed)
            for _ in range(given.draws):
                words, result = drawn(networks, kind, chance)
                results.append(result)
                attacks = len(result.complete)
                if given.verbose or result.most > 1 or result.distinct < attacks:
                    print("  ", seed, words, result, flush=True)
        complete = [one.mean for one in results]
        print(
            f"| {kind} | {len(results)} | {sum(complete) / len(results):.3f} | "
            f"{min(min(one.complete) for one in results):.3f} | {sum(one.most > 1 for one in results)} | "
            f"{sum(one.distinct < len(one.complete) for one in results)} | "
            f"{sum(one.high - one.distinct for one in results)} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
