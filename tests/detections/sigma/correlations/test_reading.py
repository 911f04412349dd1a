"""Which correlation documents are read, and what is said of the others: reason and line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from detections.sigma.correlations.bounds import Bounds
from detections.sigma.correlations.link import Linked
from detections.sigma.correlations.reading import timespan_of
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.loaded import Refused
from detections.sigma.loader import load_text
from fengsui.clock import SECOND

Linking = Callable[..., tuple[Linked, list[Refused]]]
FULL = """
title: Many
id: not-a-uuid
status: test
description: D
author: [A, B]
level: critical
tags: [attack.t1110.003, attack.credential-access]
correlation:
  type: value_count
  rules: a
  group-by: source
  timespan: 90m
  condition: {field: [User, Host], gt: 2, lte: "10"}
  aliases:
    source: {a: src_ip}
  generate: true
falsepositives: none
"""


def read(text: str) -> LoadedCorrelation | Refused:
    (found,) = load_text(text, Path("r.yml"))
    assert isinstance(found, LoadedCorrelation | Refused)
    return found


def test_all_parts_are_taken_over() -> None:
    rule = read(FULL)
    assert isinstance(rule, LoadedCorrelation)
    assert rule.id == "not-a-uuid"
    assert rule.type == "value_count"
    assert (rule.rules, rule.group_by, rule.measured) == (("a",), ("source",), ("User", "Host"))
    assert rule.timespan == 5400 * SECOND
    assert rule.condition == Bounds((("gt", 2), ("lte", 10)))
    assert rule.aliases == {"source": {"a": "src_ip"}}
    assert rule.generate
    assert rule.techniques == ("T1110.003",)
    assert rule.severity.word == "critical"


@pytest.mark.parametrize("value", ["true", "false"])
def test_generate_may_stand_beside_the_level(value: str) -> None:
    text = FULL.replace("  generate: true\n", "") + f"generate: {value}\n"
    rule = read(text)
    assert isinstance(rule, LoadedCorrelation)
    assert rule.generate == (value == "true")
    refused = read(text.replace(f"generate: {value}", "generate: 5"))
    assert isinstance(refused, Refused)
    assert (refused.line, refused.reason) == (18, "generate '5' is not true or false")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("2m", 120), ("3h", 10_800), ("1d", 86_400), ("1w", 604_800), ("1M", 2_629_746)],
)
def test_timespans(text: str, seconds: int) -> None:
    assert timespan_of(text) == seconds * SECOND


@pytest.mark.parametrize(
    "text", ["0m", "5", "m", "1.5h", "-1m", "5 m", "1D", "5ms", 5, None, "９m"]
)
def test_what_is_no_timespan(text: object) -> None:
    with pytest.raises(ValueError, match="not a time"):
        timespan_of(text)


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        ("{rules: [a], timespan: 1m, condition: {gte: 1}}", "type is missing"),
        ("{type: event_sum, rules: [a], timespan: 1m, condition: {gte: 1}}", "'event_sum'"),
        ("{type: [event_count], rules: [a], timespan: 1m, condition: {gte: 1}}", "event_count"),
        ("{type: event_count, timespan: 1m, condition: {gte: 1}}", "names no rule"),
        ("{type: event_count, rules: [], timespan: 1m, condition: {gte: 1}}", "names no rule"),
        ("{type: event_count, rules: [{a: 1}], timespan: 1m, condition: {gte: 1}}", "not a list"),
        ("{type: event_count, rules: [a], condition: {gte: 1}}", "timespan None"),
        ("{type: event_count, rules: [a], timespan: 1m}", "condition is missing"),
        ("{type: event_count, rules: [a], timespan: 1m, condition: {}}", "compares nothing"),
        ("{type: event_count, rules: [a], timespan: 1m, condition: {gte: x}}", "not a number"),
        ("{type: event_count, rules: [a], timespan: 1m, condition: {gte: true}}", "not a number"),
        ("{type: event_count, rules: [a], timespan: 1m, condition: {gte: 1e999}}", "not a number"),
        ("{type: event_count, rules: [a], timespan: 1m, condition: {gt: 5, lt: 5}}", "no number"),
        ("{type: event_count, rules: [a], timespan: 1m, condition: {more: 5}}", "'more'"),
        ("{type: event_count, rules: [a], timespan: 1m, condition: {gte: 1, field: x}}", "not for"),
        ("{type: event_count, rules: [a], timespan: 1m, condition: a and b}", "temporal types"),
        ("{type: event_count, rules: [a], timespan: 1m, condition: [1]}", "not a map"),
        ("{type: event_count, rules: [a], timeframe: 1m, condition: {gte: 1}}", "'timeframe'"),
        ("{type: event_count, rules: [a], timespan: 1m, condition: {gte: 1}, generate: 1}", "true"),
        ("{type: value_count, rules: [a], timespan: 1m, condition: {gte: 1}}", "field is missing"),
        (
            "{type: value_percentile, rules: [a], timespan: 1m,"
            " condition: {gte: 1, field: x, percentile: 101}}",
            "101",
        ),
        ("{type: temporal, rules: [a, b], timespan: 1m, condition: a and}", "lacks a rule"),
        ("{type: temporal, rules: [a, b], timespan: 1m, condition: a and (b}", "not closed"),
        ("{type: temporal, rules: [a, b], timespan: 1m, condition: a b}", "does not end"),
        ("{type: temporal, rules: [a, b], timespan: 1m, condition: a}", "'b' is not in both"),
        ("{type: temporal, rules: [a], timespan: 1m, condition: a or c}", "'c' is not in both"),
        ("{type: temporal, rules: [a], timespan: 1m, condition: '" + "(" * 99 + "a'}", "too deep"),
        ("{type: temporal, rules: [a], timespan: 1m, aliases: [x]}", "not a map"),
        ("{type: temporal, rules: [a], timespan: 1m, aliases: {x: {a: [y]}}}", "not a field name"),
        ("[]", "not a map"),
    ],
)
def test_wrong_ones_are_refused_with_a_reason(linking: Linking, section: str, reason: str) -> None:
    _, refused = linking(section)
    (one,) = refused
    assert one.supported
    assert reason in one.reason


@pytest.mark.parametrize(
    "section",
    [
        "{type: event_count, rules: [a], timespan: 1m, condition: {lt: 1}}",
        "{type: event_count, rules: [a], timespan: 1m, condition: {eq: 0}}",
        "{type: event_count, rules: [a], timespan: 1m, condition: {gte: 2000000}}",
        "{type: temporal, rules: [" + ", ".join(f"r{n}" for n in range(101)) + "], timespan: 1m}",
        "{type: temporal_ordered, rules: [a, b, c, d, e, f, g, h, i, j, k], timespan: 1m,"
        " condition: {gte: 6}}",
    ],
)
def test_valid_ones_that_we_do_not_take_say_so(linking: Linking, section: str) -> None:
    (one,) = linking(section)[1]
    assert not one.supported


def test_the_line_is_that_of_the_faulty_key() -> None:
    found = read(FULL.replace("90m", "90 minutes"))
    assert isinstance(found, Refused)
    assert found.line == 13
    found = read(FULL.replace("gt: 2", "gt: many"))
    assert isinstance(found, Refused)
    assert found.line == 14
