from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.correlations import columns, engine
from detections.sigma.correlations.engine import CorrelationHit, Correlations, Limits
from detections.sigma.correlations.link import Linked
from detections.sigma.correlations.ordered import Ordered
from detections.sigma.correlations.state import exported, restore
from fengsui.clock import SECOND

KINDS = (
    "type: event_count, rules: [a], condition: {gte: 3}",
    "type: event_count, rules: [a, b], condition: {gt: 0}",
    "type: value_count, rules: [a], condition: {field: Host, gte: 2}",
    "type: value_count, rules: [a, b], condition: {field: Host, gte: 3}",
    "type: temporal, rules: [a, b]",
    "type: temporal, rules: [a, b, c], condition: 'a and (b or c)'",
    "type: temporal_ordered, rules: [a, b]",
    "type: temporal_ordered, rules: [a, b, c], condition: {gte: 2}",
    "type: value_sum, rules: [a], condition: {field: Size, gt: 6}",
    "type: value_avg, rules: [a], condition: {field: Size, gte: 3}",
    "type: value_median, rules: [a], condition: {field: Size, gt: 3}",
    "type: value_percentile, rules: [a], condition: {field: Size, percentile: 90, gte: 4}",
    "type: value_percentile, rules: [a], condition: {field: Host, lte: 30}",
    "type: event_count, rules: [a], condition: {lte: 2}",
    "type: value_sum, rules: [a], condition: {field: Size, lt: 5}",
    "type: temporal, rules: [a, b], condition: 'a and not b'",
    "type: temporal_ordered, rules: [a, b], condition: {lt: 2}",
)
CHAINS = (
    [KINDS[0], "type: temporal, rules: [t0, b]"],
    [KINDS[0], "type: event_count, rules: [t0], condition: {gte: 2}"],
)
GROUPS = (", group-by: [User]", ", group-by: [User, Host]", "")
Made = Callable[..., Correlations]


@pytest.fixture(scope="module")
def made(linked_maker: Callable[..., Linked]) -> Made:
    @cache
    def linked(kinds: tuple[str, ...], group: str) -> Linked:
        return linked_maker(*[f"{{{kind}{group}, timespan: 20s}}" for kind in kinds])

    def correlations(kinds: Sequence[str], group: str = GROUPS[0]) -> Correlations:
        limits = Limits(4, 12, 40)
        return Correlations(linked(tuple(kinds), group), lateness=5 * SECOND, limits=limits)

    return correlations


users = st.sampled_from(["x", "X", "y", "z", "u", 5, None, ["x", "y"], "ß" * 600])
sizes = st.integers(-2, 6) | st.sampled_from([2.5, 0.1, "3", None, [1, 4], 1 << 70, "x"])
hosts = st.sampled_from(["h", "H", "k", "l", 7, None, ["h", "k"]])
events = st.tuples(
    st.sampled_from([[0], [0], [0], [1], [0, 1]]),
    st.fixed_dictionaries(
        {}, optional={"User": users | st.sampled_from("xyz"), "Host": hosts, "Size": sizes}
    ),
    st.integers(0, 4) | st.integers(-9, 3) | st.just(30),  # s since the event before
)


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    with patch.object(engine, "_BATCH", 2), patch.object(engine, "_SWEEP", 13):
        yield


def told(hits: list[CorrelationHit]) -> list[object]:
    return [hit[1:] for hit in hits]


@settings(max_examples=100, deadline=None)
@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=2, unique=True)
    | st.sampled_from(CHAINS),
    group=st.sampled_from(GROUPS),
    drawn=st.lists(events, max_size=50),
    sizes=st.lists(st.integers(1, 20), min_size=1),
    plain=st.booleans(),
)
def test_a_batch_finds_what_its_events_find_one_by_one(
    made: Made,
    kinds: list[str],
    group: str,
    drawn: list[tuple[list[int], dict[str, object], int]],
    sizes: list[int],
    plain: bool,
) -> None:
    single, batched = made(kinds, group), made(kinds, group)
    stream: list[tuple[list[int], dict[str, object], int, int, str]] = []
    now = 1000
    for number, (rules, fields, step) in enumerate(drawn):
        now += abs(step) if plain else step
        seen = {"User": "x", "Host": "h", "Size": 1} | fields if plain else fields
        stream.append(([0] if plain else rules, seen, now * SECOND, number, ""))
    at = 0
    while at < len(stream):
        part = stream[at : at + sizes[at % len(sizes)]]
        at += len(part)
        expected = [hit for one in part for hit in single.observe(*one)]
        found = batched.observe_all(list(zip(*part, strict=True)))
        assert told(found) == told(expected)
    assert told(batched.finish()) == told(single.finish())
    assert batched.losses.as_json() == single.losses.as_json()


@settings(max_examples=100, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    drawn=st.lists(
        st.tuples(
            st.sampled_from("xXyzuvw"),
            st.sampled_from("hHkl"),
            st.sampled_from([0, 1, 1, 2, 3, 30]),  # s since the event before
            st.sampled_from([0, 0, 0, 0, 0, 2, 5]),  # s late
            st.sampled_from([[0], [0], [1], [2], [0, 1], [1, 2]]),
            st.integers(0, 6),
        ),
        max_size=80,
    ),
    sizes=st.lists(st.integers(1, 30), min_size=1),
    chunks=st.integers(1, 9),
)
def test_columns_are_swept_without_being_looked_through(
    linked_maker: Callable[..., Linked],
    kind: str,
    drawn: list[tuple[str, str, int, int, list[int], int]],
    sizes: list[int],
    chunks: int,
) -> None:
    linked = linked_maker(f"{{{kind}, group-by: [User], timespan: 20s}}")
    single, batched = (Correlations(linked, lateness=5 * SECOND) for _ in range(2))
    stream: list[tuple[list[int], dict[str, object], int, int, str]] = []
    now = 1000
    for number, (user, host, step, late, rules, size) in enumerate(drawn):
        now += step
        fields: dict[str, object] = {"User": user, "Host": host, "Size": size}
        stream.append((rules, fields, (now - late) * SECOND, number, ""))
    at = 0
    with patch.object(columns, "_MOST_CHUNKS", chunks):
        while at < len(stream):
            part = stream[at : at + sizes[at % len(sizes)]]
            at += len(part)
            expected = [hit for one in part for hit in single.observe(*one)]
            found = batched.observe_all(list(zip(*part, strict=True)))
            assert told(found) == told(expected)
        if drawn and drawn[0][3]:  # in the middle of it
            copy = Correlations(linked, lateness=5 * SECOND)
            restore(copy, exported(batched))
            batched = copy
        last = [
            ([0], {"User": user, "Host": "m", "Size": 3}, now * SECOND, 99, "") for user in "xyzuvw"
        ]
        expected = [hit for one in last for hit in single.observe(*one)]
        assert told(batched.observe_all(list(zip(*last, strict=True)))) == told(expected)


def test_a_sweep_within_a_batch_takes_nothing_out_of_its_columns(
    linked_maker: Callable[..., Linked],
) -> None:
    linked = linked_maker(f"{{{KINDS[0]}, group-by: [User], timespan: 20s}}")
    single, batched = Correlations(linked), Correlations(linked)
    row = [([0], {"User": f"u{n % 3}"}, n * SECOND, n, "") for n in range(200)]
    with patch.object(columns.Columns, "unload", side_effect=AssertionError("looked through")):
        hits = batched.observe_all(list(zip(*row, strict=True)))
    assert told(hits) == told([hit for one in row for hit in single.observe(*one)])


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(KINDS), drawn=st.lists(events, max_size=40))
def test_files_are_shown_in_order_of_time(
    made: Made, kind: str, drawn: list[tuple[list[int], dict[str, object], int]]
) -> None:
    ordered, plain = Ordered(made([kind])), made([kind])
    found: list[CorrelationHit] = []
    rows: list[tuple[list[int], dict[str, object], int, int]] = []
    for number, (rules, fields, step) in enumerate(drawn):
        rows.append((rules, fields, step * SECOND, number))
        found += ordered.observe(*rows[-1])
    found += ordered.finish()
    rows.sort(key=lambda one: one[2])
    expected = [hit for one in rows for hit in plain.observe(*one)]
    if rows:
        expected += plain.advance(rows[-1][2])
    assert told(found) == told([*expected, *plain.finish()])
