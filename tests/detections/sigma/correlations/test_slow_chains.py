"""Correlations of correlations against a slow reckoning, events in order of time."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from detections.sigma.correlations.engine import Correlations
from detections.sigma.correlations.link import Linked
from fengsui.clock import SECOND

T0, T1 = 6, 9  # timespans of the correlation below and of the one above, seconds
Event = tuple[int, str, str, str]  # time, rules met, user, host

events_of = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 1, 2, 4, 8]),
        st.sampled_from(["a", "a", "a", "b", "ab"]),
        st.sampled_from("uv"),
        st.sampled_from("hi"),
    ),
    max_size=25,
)


def below(events: list[Event], least: int) -> tuple[list[int], list[int]]:
    """Numbers of events whose window holds `least` of rule a by user and host: all, and those told."""
    met: list[int] = []
    told: list[int] = []
    last: dict[tuple[str, str], int] = {}
    for number, (time, rules, user, host) in enumerate(events):
        same = [
            one
            for one in events[: number + 1]
            if "a" in one[1] and one[2:] == (user, host) and one[0] >= time - T0
        ]
        if "a" in rules and len(same) >= least:
            met.append(number)
            if (user, host) not in last or time > last[user, host] + T0:
                told.append(number)
                last[user, host] = time
    return met, told


def above(kind: str, events: list[Event], met: list[int], told: list[int]) -> list[int]:
    """Numbers of the events that complete the correlation above, grouped by user alone."""
    found: list[int] = []
    last: dict[str, int] = {}
    steps = told if kind == "event_count" else met
    for number, (time, rules, user, _) in enumerate(events):
        if number not in steps and ("b" not in rules or kind == "event_count"):
            continue
        if user in last and time <= last[user] + T1:
            continue
        window = [
            one
            for one in range(number + 1)
            if events[one][2] == user and events[one][0] >= time - T1
        ]
        first = [one for one in window if one in steps]
        second = [one for one in window if "b" in events[one][1]]
        holds = {
            "event_count": len(first) >= 2,
            "temporal": bool(first and second),
            "temporal_ordered": bool(first and second) and min(first) < max(second),
        }[kind]
        if holds:
            found.append(number)
            last[user] = time
    return found


@settings(max_examples=120, deadline=None)
@given(
    steps=events_of,
    kind=st.sampled_from(["event_count", "temporal", "temporal_ordered"]),
    least=st.integers(1, 3),
)
def test_a_chain_equals_the_slow_one(
    linked_maker: Callable[..., Linked],
    steps: list[tuple[int, str, str, str]],
    kind: str,
    least: int,
) -> None:
    events: list[Event] = []
    time = 100
    for step, *rest in steps:
        time += step
        events.append((time, rest[0], rest[1], rest[2]))
    key = (kind, least)
    if key not in _LINKED:
        named, limit = ("t0", ", condition: {gte: 2}") if kind == "event_count" else ("t0, b", "")
        _LINKED[key] = linked_maker(
            "{type: event_count, rules: [a], group-by: [User, Host],"
            f" timespan: {T0}s, condition: {{gte: {least}}}}}",
            f"{{type: {kind}, rules: [{named}], group-by: [User], timespan: {T1}s{limit}}}",
        )
    engine = Correlations(_LINKED[key])
    hits = [
        hit.event
        for number, (when, rules, user, host) in enumerate(events)
        for hit in engine.observe(
            ["ab".index(rule) for rule in rules],
            {"User": user, "Host": host},
            when * SECOND,
            number,
        )
    ]
    assert hits == above(kind, events, *below(events, least))


_LINKED: dict[tuple[str, int], Linked] = {}
