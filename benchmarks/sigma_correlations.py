"""Speed of Sigma correlations, in base hits per CPU-second of one process, and their memory.

    python benchmarks/sigma_correlations.py [--hits 1000000] [--keys 5000] [--way batches]

The first row is what Python itself needs to put the same hits into lists by group and to look at
the tenth last: compare ratios to it between machines. Base hits are made here: a group is drawn for
each, a tenth of them is out of order inside the lateness in the rows that say so. Each is of a rule
that the correlation names: a base hit is one event that met a rule, fed to one correlation. Batches are
given in columns, as a hunt keeps them. What the rules cost that make the base hits is not in it.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import time
from pathlib import Path
from typing import Any

from console.hunting import few_collections
from detections.sigma.correlations.engine import Correlations
from detections.sigma.correlations.link import link
from detections.sigma.loaded import LoadedRule, Refused
from detections.sigma.loader import load_text
from fengsui.clock import SECOND

REPEATS = 3
BATCH = 100_000  # as a hunt shows them
WAYS = (("batches", 0.0, True), ("one by one", 0.0, False), ("10 % late", 0.1, False))
Batches = list[list[list[Any]]]
_BASE = """
title: {name}
name: {name}
logsource: {{product: windows, service: security}}
detection: {{selection: {{EventID: 1}}, condition: selection}}
"""
RULES = {
    "event_count, gte 10 in 5 m": "type: event_count, rules: [a], condition: {gte: 10}",
    "event_count, 5 … 8 in 5 m": "type: event_count, rules: [a], condition: {gte: 5, lte: 8}",
    "value_count, gte 10 in 5 m": "type: value_count, rules: [a], condition: {field: Host, gte: 10}",
    "temporal, two rules": "type: temporal, rules: [a, b]",
    "temporal_ordered, two rules": "type: temporal_ordered, rules: [a, b]",
    "temporal_ordered, three rules": "type: temporal_ordered, rules: [a, b, c]",
    "value_sum, gt 1e6": "type: value_sum, rules: [a], condition: {field: Bytes, gt: 1000000}",
    "value_avg, gt 900": "type: value_avg, rules: [a], condition: {field: Bytes, gt: 900}",
    "value_percentile 95, gt 990": "type: value_percentile, rules: [a], "
    "condition: {field: Bytes, percentile: 95, gt: 990}",
}


def main() -> None:
    """Measure and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--hits", type=int, default=1_000_000)
    arguments.add_argument("--keys", type=int, default=5_000)
    arguments.add_argument("--only", default="", help="rows whose name begins so")
    arguments.add_argument("--way", default="", help="batches, one by one, or 10 %% late; all")
    chosen = arguments.parse_args()
    print(f"{'correlation':34} {'order':>10} {'hits':>9} {'base hits/CPU-s':>16} {'MiB':>6}")
    stream = made(chosen.hits, chosen.keys, 0.0, 1)
    print(f"{'Python lists by group alone':34} {'in order':>10} {'':9} {baseline(stream):16,.0f}")
    for name, rule in RULES.items():
        if not name.startswith(chosen.only):
            continue
        for order, disorder, batched in WAYS:
            if not order.startswith(chosen.way):
                continue
            stream = made(chosen.hits, chosen.keys, disorder, rules_in(rule))
            rate, found = measured(rule, stream, batched=batched)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{name:34} {order:>10} {found:9} {rate:16,.0f} {peak:6.0f}", flush=True)


def correlations_of(rule: str) -> Correlations:
    """One correlation over three rules a, b and c, grouped by User."""
    text = "---".join(_BASE.format(name=name) for name in "abc")
    text += f"---\ntitle: T\ncorrelation: {{{rule}, group-by: [User], timespan: 5m}}\n"
    documents = list(load_text(text, Path("made.yml")))
    rules = [one for one in documents if isinstance(one, LoadedRule)]
    others = [one for one in documents if not isinstance(one, LoadedRule | Refused)]
    linked, refused = link(rules, others)
    assert not refused
    assert len(linked.correlations) == 1
    return Correlations(linked)


def rules_in(rule: str) -> int:
    """How many of the rules a, b, c a correlation names."""
    return rule.partition("[")[2].partition("]")[0].count(",") + 1


def made(
    count: int, keys: int, disorder: float, rules: int
) -> list[tuple[list[int], dict[str, object], int]]:
    """Base hits: rules (the first so many), fields, time; 2,000 a second of event time."""
    draw = random.Random(7)
    events: list[dict[str, object]] = [
        {"User": f"user{draw.randrange(keys)}", "Host": f"h{n % 97}", "Bytes": draw.randrange(1000)}
        for n in range(keys * 4)
    ]
    numbers = ([0], [1], [2])
    step = SECOND // 2000
    return [
        (
            numbers[draw.choice((0, 0, 0, 1, 2)[: rules + 2])],
            events[draw.randrange(len(events))],
            number * step - (draw.randrange(50) * SECOND if draw.random() < disorder else 0),
        )
        for number in range(count)
    ]


def baseline(stream: list[tuple[list[int], dict[str, object], int]]) -> float:
    """The least that a count over a window takes: hits per CPU-second."""
    best = 0.0
    for _ in range(REPEATS):
        groups: dict[str, list[tuple[int, int]]] = {}
        gc.collect()
        started, met = time.process_time(), 0
        for number, (_, fields, when) in enumerate(stream):
            entries = groups.setdefault(str(fields["User"]).lower(), [])
            entries.append((when, number))
            if len(entries) >= 10 and when - entries[-10][0] < 300 * SECOND:
                met += 1
        best = max(best, len(stream) / (time.process_time() - started))
    return best


def measured(
    rule: str, stream: list[tuple[list[int], dict[str, object], int]], *, batched: bool
) -> tuple[float, int]:
    """Best of some runs: base hits per CPU-second, and correlation hits."""
    best, found = 0.0, 0
    for _ in range(REPEATS):
        correlations = correlations_of(rule)
        rows: Batches = in_columns(stream) if batched else []
        with few_collections():  # as in a hunt
            started = time.process_time()
            found = run(correlations, stream, rows)
            best = max(best, len(stream) / (time.process_time() - started))
    return best, found


def in_columns(stream: list[tuple[list[int], dict[str, object], int]]) -> Batches:
    """The stream in batches, a list for each of what `observe_all` takes."""
    found: Batches = []
    for at in range(0, len(stream), BATCH):
        part = stream[at : at + BATCH]
        numbers, fields, times = map(list, zip(*part, strict=True))
        found.append([numbers, fields, times, list(range(at, at + len(part))), [""] * len(part)])
    return found


def run(
    correlations: Correlations,
    stream: list[tuple[list[int], dict[str, object], int]],
    batches: Batches,
) -> int:
    """Show all of a stream to correlations, in batches if there are any; the hits."""
    found, observe = 0, correlations.observe
    for batch in batches:
        found += len(correlations.observe_all(batch))
        found += len(correlations.advance(batch[2][-1]))
    if not batches:
        for number, (numbers, fields, when) in enumerate(stream):
            found += len(observe(numbers, fields, when, number))
            if not number & 0xFFF:
                found += len(correlations.advance(when))
    return found + len(correlations.finish())


if __name__ == "__main__":
    main()
