"""What our own rules raise on the bench's attacks, and on its benign traffic: prints Markdown.

    FENGSUI_BENCH=../shared/bench .venv/bin/python benchmarks/rules_on_attacks.py [WORD…]

Every capture goes through its sensor, enrichment and a fresh set of all detectors. The first table
has a line an attack: which of our rules spoke (distinct keys), what behaviour found where they did
not, and why nothing did. The second has alerts of medium severity and above, from our rules alone,
on traffic that is benign or mixed. WORDs choose cases whose name contains one.

The rules are facts of tools and protocols, not of captures; their authors have seen these
captures all the same, so that the share found here is no forecast.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from detection_quality import Case, Outcome, cases, replay

from detections.detections import OWN_RULES, build
from detections.detector import Context
from detections.sigma.loader import load
from fengsui.clock import DAY
from fengsui.severity import Severity
from fengsui.store.state import Plan
from sensors.enrich.address_plan import AddressPlan

# Why neither rule nor behaviour can say anything: what the capture holds, by a word of its name.
WHY = {
    "test-cc-capture-2": "TLS 1.3 with an ordinary name and look-ups of a block list: no fact stands out",
    "test8-malicious": "one UDP flow with a known provider",
    "banking-phish": "a page and TLS with ordinary names; the forged page is inside TLS",
    "Necurs-botnet-malspam-pushes-Locky-ransomware-example-1": "an archive by an ordinary browser, "
    "then requests that look like one",
    "Dridex-confirmation": "TLS without a name on 443; the certificates are cut off by the slicing",
}
_QUIET = {"benign", "mixed"}


def line(case: Case, outcome: Outcome, names: dict[str, str]) -> str:
    """One line of the table of attacks."""
    strong, weak, behaviour = Counter[str](), Counter[str](), Counter[str]()
    for (rule, _), group in outcome.alerts.items():
        level = max(alert.severity for alert in group)
        if rule not in names:
            behaviour[rule] += level >= Severity.MEDIUM
        else:
            (strong if level >= Severity.MEDIUM else weak)[names[rule]] += 1
    found = [name for name, count in behaviour.items() if count]
    if strong:
        why = ""
    elif found:
        why = "by behaviour: " + ", ".join(sorted(found))
    else:
        why = "**missed**: " + next(
            (text for word, text in WHY.items() if word in case.name), "no rule and no behaviour"
        )
    cells = (case.name.removeprefix("attacks/"), _told(strong), _told(weak), why)
    return "| " + " | ".join(cells) + " |"


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "–"


def quiet_line(case: Case, outcome: Outcome, names: dict[str, str]) -> str:
    """One line of the table of traffic that holds little or nothing to alert about."""
    raised = Counter(
        names[rule]
        for (rule, _), group in outcome.alerts.items()
        if rule in names and max(alert.severity for alert in group) >= Severity.MEDIUM
    )
    days = max(outcome.last - outcome.first, 0) / DAY
    return f"| {case.name} | {days:.3f} | {raised.total()} | {_told(raised)} |"


def totals(done: list[tuple[Case, Outcome]], names: dict[str, str]) -> Iterator[str]:
    """How many captures of a kind our rules found by themselves, and all detections together."""
    for kind in ("infection", "lateral", "c2", "tunnel"):
        mine = [outcome for case, outcome in done if case.kind == kind]
        rules = sum(any(group[0].rule in names for group in o.strong()) for o in mine)
        together = sum(bool(outcome.strong()) for outcome in mine)
        if mine:
            yield f"- {kind}: our rules {rules} of {len(mine)}, with behaviour {together}"


def main() -> None:
    """Command line: see the module."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("words", nargs="*", help="cases whose name contains one of these")
    words = options.parse_args().words
    bench = Path(os.environ.get("FENGSUI_BENCH", "../shared/bench"))
    if not bench.is_dir():
        sys.exit(f"There is no bench at {bench}\n  next:  set FENGSUI_BENCH to its folder")
    plan = AddressPlan(Plan())
    context = Context(is_internal=lambda address: plan.at(address).internal)
    loaded = load([OWN_RULES])
    own = {one.id: one.title.render("en") for one in (*loaded.rules, *loaded.correlations)}
    print(f"{len(own)} rules of ours, {len(loaded.refused)} refused\n")
    print("| attack | our rules, medium and above | lower | else |")
    print("|---|---|---|---|")
    attacks: list[tuple[Case, Outcome]] = []
    quiet: list[str] = []
    for case in cases(bench):
        if words and not any(word in case.name for word in words):
            continue
        outcome = replay(case, build(context), plan)
        if case.kind in _QUIET:
            quiet.append(quiet_line(case, outcome, own))
        else:
            attacks.append((case, outcome))
            print(line(case, outcome, own), flush=True)
    print("", *totals(attacks, own), sep="\n")
    if quiet:
        print("\n| traffic | days | alerts of medium and above from our rules | which |")
        print("|---|---:|---:|---|", *quiet, sep="\n")


if __name__ == "__main__":
    main()
