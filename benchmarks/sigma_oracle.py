"""The engine against the oracle, on every event of the bench and with all public Windows rules.

    python benchmarks/sigma_oracle.py [--bench ../shared/bench] [--events 100000]
                                      [--answers FILE] [--seconds 200]

The oracle takes many minutes, so it works in slices: with `--answers` it goes on where it stopped, for
about `--seconds` of CPU (0: to the end), and keeps its answers under a digest of the events, the rules'
conditions and its own code; other conditions begin anew. When it has answered for all events, the engine
of today is asked the same and every difference is printed; one ends the run with status 1.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from sigma_hunt import plain, unpack

from detections.sigma import oracle, values
from detections.sigma.conditions import (
    ANY_FIELD,
    All,
    Condition,
    Not,
    Regex,
    SameAs,
    Some,
    Text,
    leaves,
)
from detections.sigma.coverage import plan
from detections.sigma.loader import load
from detections.sigma.logsources import WINDOWS, routing
from detections.sigma.matcher import Entry, Matcher
from detections.sigma.oracle import holds
from fengsui.ids import digest_id

Answers = dict[int, list[int]]  # number of an event → those of the rules it meets, where any


def main() -> None:
    """Go on answering; compare when all is answered."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bench", type=Path, default=Path("../shared/bench"))
    arguments.add_argument("--events", type=int, default=100_000)
    arguments.add_argument("--answers", type=Path, help="file in which the oracle's answers stay")
    arguments.add_argument("--seconds", type=float, default=0, help="CPU-seconds of this slice")
    chosen = arguments.parse_args()
    if not (chosen.bench / "sigma").is_dir():
        print(f"skipped: {chosen.bench}/sigma is not there")
        return
    with tempfile.TemporaryDirectory() as folder:
        unpack(chosen.bench / "sigma/sigmahq_rules.tar.zst", Path(folder))
        entries, _ = plan(load([Path(folder)]).rules, [WINDOWS])
    lines = plain(chosen.bench / "sigma/windows_events_100k.jsonl.zst").splitlines()
    lines = lines[: chosen.events]
    state = known(chosen.answers, digest(entries, lines))
    answer(entries, lines, state, chosen.seconds)
    if chosen.answers:
        chosen.answers.write_text(json.dumps(state))
    told = f"{state['cpu']:,.0f} CPU-s, {state['asked']:,} evaluations of a condition"
    if state["done"] < len(lines):
        print(f"oracle: {state['done']:,} of {len(lines):,} events answered ({told})")
        return
    compare(entries, lines, {int(number): rules for number, rules in state["met"].items()}, told)


def known(path: Path | None, content: str) -> dict[str, Any]:
    """The answers so far, or none."""
    if path is not None and path.is_file():
        state: dict[str, Any] = json.loads(path.read_text())
        if state["digest"] == content:
            return state
    return {"digest": content, "done": 0, "met": {}, "asked": 0, "cpu": 0.0}


def digest(entries: Sequence[Entry], lines: Sequence[bytes]) -> str:
    """Of all that the oracle's answers depend on."""
    code = [Path(str(module.__file__)).read_text() for module in (oracle, values)]
    code.append(Path(__file__).read_text().partition("class Oracle")[2])
    rules = sorted((one.rule, one.dataset, repr(one.condition)) for one in entries)
    return digest_id(orjson.dumps([code, rules, len(lines)]), b"\n".join(lines))


def answer(
    entries: Sequence[Entry], lines: Sequence[bytes], state: dict[str, Any], seconds: float
) -> None:
    """Ask the oracle of the events that are left, those of one channel and number together."""
    names = sorted(routing()[WINDOWS])
    fields = [orjson.loads(line) for line in lines]
    order = sorted(
        range(len(lines)), key=lambda one: [str(fields[one].get(name)) for name in names]
    )
    slow, started = Oracle(entries), time.process_time()
    while state["done"] < len(order):
        spent = time.process_time() - started
        if seconds and spent > seconds:
            break
        for number in order[state["done"] : state["done"] + 100]:
            met = slow.met(fields[number])
            if met:
                state["met"][str(number)] = met
        state["done"] = min(state["done"] + 100, len(order))
    state["cpu"] += time.process_time() - started
    state["asked"] += slow.asked


def compare(entries: Sequence[Entry], lines: Sequence[bytes], expected: Answers, told: str) -> None:
    """The engine on every event, one by one and in batches as a hunt does; ends the run where it differs."""
    matcher = Matcher(entries, routing())
    fields = [orjson.loads(line) for line in lines]
    single = {
        number: met
        for number, line in enumerate(lines)
        if (met := matcher.match(WINDOWS, fields[number], line))
    }
    several = dict(matcher.match_all(WINDOWS, fields, lines))
    wrong = 0
    for way, found in (("one by one", single), ("in batches", several)):
        for number in sorted(found.keys() | expected.keys()):
            ours, theirs = set(found.get(number, ())), set(expected.get(number, ()))
            for rule in sorted(ours ^ theirs):
                wrong += 1
                side = "engine" if rule in ours else "oracle"
                print(f"event {number}, rule {rule}, {way}: met by the {side} alone")
    hits = sum(map(len, expected.values()))
    print(
        f"engine = oracle: {len(lines):,} events, {hits:,} hits, one by one and in batches, "
        f"{wrong or 'no'} differences ({told})"
    )
    if wrong:
        raise SystemExit(1)


class Oracle:
    """The plain interpreter on many events: it is asked each question once.

    Channel and number are decided once for each pair; a condition depends on the fields that it names
    and on nothing else, so that events that agree in them share the answer; a keyword is met where one
    value meets it, whatever the event.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._names = frozenset(routing()[WINDOWS])
        self._groups: dict[tuple[object, ...], list[tuple[tuple[str, ...], list[Entry]]]] = {}
        self._answers: dict[bytes, list[int]] = {}
        self._keywords: dict[tuple[object, ...], bool] = {}
        self.asked = 0

    def met(self, fields: dict[str, Any]) -> list[int]:
        """Numbers of the rules that an event meets, in order."""
        key = tuple((type(one), one) for one in map(fields.get, sorted(self._names)))
        if key not in self._groups:
            self._groups[key] = self._grouped(fields)
        found: set[int] = set()
        for place, (names, entries) in enumerate(self._groups[key]):
            if ANY_FIELD in names:
                found.update(one.rule for one in entries if self._spoken(one.condition, fields))
                continue
            part = {name: fields[name] for name in names if name in fields}
            question = orjson.dumps([place, [str(one) for one in key], part])
            answer = self._answers.get(question)
            if answer is None:
                self.asked += len(entries)
                answer = [one.rule for one in entries if holds(one.condition, part)]
                self._answers[question] = answer
            found.update(answer)
        return sorted(found)

    def _grouped(self, fields: dict[str, Any]) -> list[tuple[tuple[str, ...], list[Entry]]]:
        """The rules that these events may meet, by the fields that they look at."""
        groups: dict[tuple[str, ...], list[Entry]] = {}
        for one in self._entries:
            if possible(one.condition, self._names, fields):
                names = {leaf.field for leaf in leaves(one.condition)}
                names |= {leaf.other for leaf in leaves(one.condition) if isinstance(leaf, SameAs)}
                groups.setdefault(tuple(sorted(names)), []).append(one)
        return list(groups.items())

    def _spoken(self, condition: Condition, fields: dict[str, Any]) -> bool:
        """`holds` with each keyword asked once of each value."""
        match condition:
            case All(children):
                return all(self._spoken(one, fields) for one in children)
            case Some(children):
                return any(self._spoken(one, fields) for one in children)
            case Not(child):
                return not self._spoken(child, fields)
            case Text(field) | Regex(field) if field == ANY_FIELD:
                return any(self._value(condition, one) for one in fields.values())
            case _:
                self.asked += 1
                return holds(condition, fields)

    def _value(self, leaf: Condition, value: object) -> bool:
        question = (id(leaf), type(value), value if not isinstance(value, list) else repr(value))
        answer = self._keywords.get(question)
        if answer is None:
            self.asked += 1
            answer = self._keywords[question] = holds(leaf, {"value": value})
        return answer


def possible(condition: Condition, names: frozenset[str], fields: Mapping[str, object]) -> bool:
    """Whether the parts of a condition that look at nothing but these fields hold."""
    parts = condition.children if isinstance(condition, All) else (condition,)
    alone = [one for one in parts if {leaf.field for leaf in leaves(one)} <= names]
    return all(holds(one, fields) for one in alone)


if __name__ == "__main__":
    main()
