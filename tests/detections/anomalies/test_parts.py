"""Laws of what detectors share: bounded memory, ladders, regularity, names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detections.anomalies._bounded import Bounded, Ladder, Recent, Sum
from detections.anomalies._names import entropy, is_local_name, registered_domain, unlikeness
from detections.anomalies._regularity import regularity
from fengsui.clock import MINUTE, SECOND
from fengsui.loss import Losses


@given(st.lists(st.integers(0, 50), max_size=200))
def test_bounded_keeps_its_cap_and_counts(keys: list[int]) -> None:
    losses = Losses()
    bounded: Bounded[int, list[int]] = Bounded(8, list, losses, "x")
    made = 0
    for key in keys:
        made += key not in bounded
        bounded.take(key)
    assert len(bounded) <= 8
    assert losses.as_json().get("x.evicted", 0) == made - len(bounded)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 50)), max_size=100))
def test_recent_holds_what_is_recent(items: list[tuple[int, int]]) -> None:
    recent: Recent[int] = Recent(MINUTE, 100)
    latest: dict[int, int] = {}
    for item, second in items:
        recent.add(item, second * SECOND)
        latest[item] = max(latest.get(item, 0), second)
    newest = max(latest.values(), default=0)
    assert {item for item, at in latest.items() if at > newest - 52} <= set(recent)


@given(st.permutations(list(range(40))))
def test_sums_do_not_depend_on_order(order: list[int]) -> None:
    one, other = Sum(MINUTE), Sum(MINUTE)
    for second in range(40):
        one.add(second, second * SECOND)
    for second in order:
        other.add(second, second * SECOND)
    assert one.total == other.total == sum(range(40))


def test_ladder_speaks_rarely() -> None:
    ladder = Ladder(10, 3)
    assert [n for n in range(1000) if ladder.reached(n)] == [10, 30, 90, 270, 810]


@given(
    st.lists(st.integers(2, 10_000), min_size=5, max_size=60),
    st.lists(st.integers(0, 5000), min_size=6, max_size=60),
)
def test_scores_stay_between_nought_and_one(gaps: list[int], sizes: list[int]) -> None:
    times, at = [0], 0
    for gap in gaps:
        at += gap * SECOND
        times.append(at)
    series = regularity(times, sizes)
    assert series is not None
    assert 0 <= series.score <= 1
    assert series.sizes is not None
    assert 0 <= series.sizes <= 1


def test_a_clock_scores_one() -> None:
    series = regularity([n * MINUTE for n in range(72)], [200] * 72)
    assert series is not None
    assert series.score > 0.98


def test_parallel_connections_are_one_contact() -> None:
    times = [n * MINUTE + part * SECOND // 10 for n in range(20) for part in range(4)]
    series = regularity(times, [])
    assert series is not None
    assert series.count == 20


def test_names() -> None:
    assert registered_domain("a.b.example.com.cn") == "example.com.cn"
    assert unlikeness("zhongguo") == unlikeness("holiday") == 0
    assert unlikeness("xq7zk1vw9j") > 0.6
    assert is_local_name("4.3.2.10.in-addr.arpa")
    assert is_local_name("printer")
    assert not is_local_name("www.example.org")
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2
