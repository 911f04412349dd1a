from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from fengsui.clock import SECOND
from fengsui.event import Event, join_lines, make_event, split_lines

values = st.one_of(
    st.text(max_size=30).filter(bool),
    st.integers(-(2**53), 2**53),
    st.booleans(),
    st.lists(st.text(max_size=10), min_size=1, max_size=4),
)
fields = st.dictionaries(
    st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}", fullmatch=True), values, max_size=8
)
times = st.integers(0, 4_000_000_000 * SECOND)


def event_of(content: dict[str, object], time: int = 0) -> Event:
    return make_event(id="ab" * 16, time=time, dataset="dns", fields=content)  # type: ignore[arg-type]


@given(fields, times)
def test_bytes_and_fields_say_the_same(content: dict[str, object], time: int) -> None:
    event = event_of(content, time)
    assert orjson.loads(event.raw) == event.fields == Event(event.raw).fields
    assert event.id == "ab" * 16
    assert event.time == time // 1000 * 1000


@given(fields, fields)
def test_adding_keeps_what_was_there(content: dict[str, object], extra: dict[str, object]) -> None:
    event = event_of(content).adding(extra)  # type: ignore[arg-type]
    parsed = orjson.loads(event.raw)
    assert parsed == event.fields
    assert all(parsed[name] == value for name, value in content.items())
    assert set(parsed) >= set(extra)


@given(fields, st.text(min_size=1, max_size=20))
def test_a_drill_never_meets_real_telemetry(content: dict[str, object], run: str) -> None:
    event = event_of(content)
    drilled = event.in_run(run)
    assert drilled.id != event.id
    assert drilled.in_run(run).id != drilled.id
    assert orjson.loads(drilled.raw) == {**event.fields, "event.id": drilled.id, "fengsui.run": run}


def test_lines_round_trip() -> None:
    events = [event_of({"a.b": n}, n) for n in range(5)]
    assert [e.raw for e in split_lines(join_lines(events))] == [e.raw for e in events]


def test_nothing_is_written_for_what_is_absent() -> None:
    event = event_of({"a.b": None, "c.d": "", "e.f": [], "g.h": 0, "i.j": False})
    assert set(event.fields) == {"event.id", "@timestamp", "event.dataset", "g.h", "i.j"}
