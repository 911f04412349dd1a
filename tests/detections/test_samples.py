"""Samples are tried with the engine: plain rules on events, correlations on lists of them."""

from __future__ import annotations

from pathlib import Path

from detections.detections import OWN_RULES
from detections.samples import SampleResult, try_samples
from detections.sigma.loader import Loaded, LoadedRule, Refused, load, load_text

PLAIN = """title: A
id: 5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9c01
name: a_query
logsource: {product: fengsui, service: dns}
detection:
  s: {dns.question.name: bad.example}
  condition: s
level: low
fengsui:
  samples:
    fire: [{dns.question.name: bad.example}, {dns.question.name: other.example}]
    quiet: [{dns.question.name: good.example}]
"""
COUNTED = """title: Many
id: 5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9c02
correlation:
  type: event_count
  rules: [a_query]
  group-by: [source.ip]
  timespan: 10s
  condition: {gte: 2}
level: high
fengsui:
  samples:
    fire:
      - [{dns.question.name: bad.example, source.ip: 10.0.0.1},
         {dns.question.name: bad.example, source.ip: 10.0.0.1}]
    quiet:
      - [{dns.question.name: bad.example, source.ip: 10.0.0.1},
         {dns.question.name: bad.example, source.ip: 10.0.0.1, after: 60}]
"""
WINDOWS = """title: W
id: 5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9c03
logsource: {product: windows, category: process_creation}
detection:
  s: {CommandLine|contains: ' -enc '}
  condition: s
level: low
"""


def loaded(*texts: str) -> Loaded:
    found = list(load_text("\n---\n".join(texts), Path("r.yml")))
    assert not [one for one in found if isinstance(one, Refused)]
    rules = tuple(one for one in found if isinstance(one, LoadedRule))
    others = tuple(one for one in found if not isinstance(one, LoadedRule | Refused))
    return Loaded(rules, (), others)


def told(results: list[SampleResult]) -> list[tuple[str, int, bool, bool]]:
    return [(one.kind, one.number, one.fired, one.ok) for one in results]


def test_a_rule_and_its_samples() -> None:
    rules = loaded(PLAIN)
    assert told(try_samples(rules, [rules.rules[0].id, "none"])) == [
        ("fire", 1, True, True),
        ("fire", 2, False, False),
        ("quiet", 1, False, True),
    ]


def test_samples_beside_the_rule() -> None:
    rules = loaded(WINDOWS)
    id_ = rules.rules[0].id
    event = {"CommandLine": "powershell -enc AAAA"}
    kept = {
        id_: [
            ("quiet", 3, "nothing"),
            ("fire", 4, event),
            ("fire", 5, {**event, "event.dataset": "windows", "EventID": 1}),
            ("quiet", 6, {**event, "event.dataset": "dns"}),
        ]
    }
    results = try_samples(rules, [id_], kept)  # type: ignore[arg-type]
    assert told(results)[:2] == [("quiet", 3, False, True), ("fire", 4, True, True)]
    assert told(results)[3] == ("quiet", 6, False, True)
    assert [one.kept for one in results] == [3, 4, 5, 6]


def test_a_correlation_is_shown_lists_of_events() -> None:
    rules = loaded(PLAIN, COUNTED)
    assert told(try_samples(rules, [rules.correlations[0].id])) == [
        ("fire", 1, True, True),
        ("quiet", 1, False, True),
    ]


def test_the_samples_of_our_own_rules_hold() -> None:
    rules = load([OWN_RULES])
    plain = [one.id for one in rules.rules]
    failed = [one for one in try_samples(rules, plain) if not one.ok]
    assert failed == []
