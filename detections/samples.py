"""Samples: events that a rule must meet (`fire`) and must not (`quiet`), tried with the engine itself.

A sample of a correlation is a list of events; `after` is seconds since the sample's beginning (one
second after the event before, where it is not given); see `unfolded` for many of a kind. A sample
without `event.dataset` is an event of the rule's own log source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

import orjson

from detections.detector import Context
from detections.life import AnyRule, every
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.coverage import plan
from detections.sigma.engine import SigmaDetector
from detections.sigma.loader import Loaded, LoadedRule
from detections.sigma.logsources import known_datasets, raw_dataset, routing
from detections.sigma.matcher import Matcher
from fengsui.clock import SECOND
from fengsui.event import make_event

SampleKind = Literal["fire", "quiet"]
KINDS: Final[tuple[SampleKind, ...]] = ("fire", "quiet")
SAMPLES_MOST: Final = 200  # of one rule
EVENTS_MOST: Final = 5_000  # of one sample
_START: Final = 1_767_225_600 * SECOND  # 2026-01-01: samples bear no time of their own


@dataclass(frozen=True, slots=True)
class SampleResult:
    """One sample and what became of it; `kept` is the number of one that is not in the rule's file."""

    rule: str
    kind: SampleKind
    number: int
    fired: bool
    event: Any
    kept: int | None = None

    @property
    def ok(self) -> bool:
        """Whether it did what it must."""
        return self.fired == (self.kind == "fire")


def try_samples(
    rules: Loaded,
    wanted: Iterable[str],
    kept: Mapping[str, Sequence[tuple[SampleKind, int, Any]]] | None = None,
) -> list[SampleResult]:
    """Results of all samples of the rules `wanted`, the file's own first.

    Args:
        rules: those, and what correlations among them name.
        wanted: ids.
        kept: further samples by rule: kind, number, event.
    """
    known: dict[str, AnyRule] = {one.id: one for one in every(rules)}
    found: list[SampleResult] = []
    for id_ in wanted:
        rule = known.get(id_)
        if rule is None:
            continue
        given: list[tuple[SampleKind, int, Any, int | None]] = [
            (kind, number, event, None) for kind, number, event in _own(rule)
        ]
        for kind, number, event in (kept or {}).get(id_, ()):
            given.append((kind, number, event, number))
        if not given:
            continue
        bench = _Bench(rule) if isinstance(rule, LoadedRule) else _Stage(rules, rule)
        found += [
            SampleResult(id_, kind, number, bench.fires(event), event, beside)
            for kind, number, event, beside in given[:SAMPLES_MOST]
        ]
    return found


def unfolded(sample: object) -> list[tuple[float, dict[str, Any]]] | None:
    """Events of a correlation's sample with their seconds; None for what holds no events.

    `times: 20` stands for twenty events, `every` (1) seconds apart; `{n}` in their texts is the
    number of each, from 0.
    """
    events = cast("list[object]", sample) if isinstance(sample, list) else [sample]
    found: list[tuple[float, dict[str, Any]]] = []
    after = -1.0
    for one in events:
        if not isinstance(one, dict):
            return None
        fields = dict(cast("dict[str, Any]", one))
        begin = float(fields.pop("after", after + 1))
        every, times = float(fields.pop("every", 1)), int(fields.pop("times", 1))
        for number in range(min(times, EVENTS_MOST - len(found))):
            after = begin + number * every
            found.append((after, {name: _numbered(it, number) for name, it in fields.items()}))
    return found


def _numbered(value: object, number: int) -> object:
    return value.replace("{n}", str(number)) if isinstance(value, str) else value


def _own(rule: AnyRule) -> list[tuple[SampleKind, int, Any]]:
    samples = cast("Mapping[str, Any]", rule.samples)
    return [
        (kind, number, event)
        for kind in KINDS
        for number, event in enumerate(samples.get(kind) or (), start=1)
    ]


class _Bench:
    """One plain rule, looked for in every kind of event that its log source stands for."""

    def __init__(self, rule: LoadedRule) -> None:
        own = raw_dataset(rule.logsource)
        datasets = dict.fromkeys((*known_datasets(rule.logsource), own))
        self._datasets = tuple(datasets)
        self._matcher = Matcher(plan([rule], datasets)[0], routing())

    def fires(self, sample: object) -> bool:
        """Whether the rule meets a sample; what is no event is never met."""
        if not isinstance(sample, dict):
            return False
        given = cast("dict[str, Any]", sample)
        stated = given.get("event.dataset")
        for dataset in (str(stated),) if stated else self._datasets:
            fields = {"event.dataset": dataset, **given}
            if self._matcher.match(dataset, fields, orjson.dumps(fields, default=str)):
                return True
        return False


class _Stage:
    """One correlation with what it names, shown the events of a sample in their order."""

    def __init__(self, rules: Loaded, rule: LoadedCorrelation) -> None:
        self._rules = rules
        self._id = rule.id

    def fires(self, sample: object) -> bool:
        """Whether the correlation speaks about a list of events."""
        events = unfolded(sample)
        if events is None:
            return False
        detector = SigmaDetector(
            self._rules.rules, Context(_never), correlations=self._rules.correlations
        )
        time = _START
        for number, (after, fields) in enumerate(events):
            time = _START + int(after * SECOND)
            dataset = str(fields.pop("event.dataset", "") or self._dataset(fields))
            event = make_event(id=f"{number:032x}", time=time, dataset=dataset, fields=fields)
            if any(alert.rule == self._id for alert in detector.observe(event, time)):
                return True
        return any(alert.rule == self._id for alert in detector.correlating.finish(time))

    def _dataset(self, fields: Mapping[str, Any]) -> str:
        """The dataset of the first rule that an event without one could be of."""
        del fields
        for rule in self._rules.rules:
            for dataset in known_datasets(rule.logsource):
                return dataset
        return "flow"


def _never(_address: str) -> bool:
    return False
