"""Traffic by hour: no byte is lost or made, however long a flow lasted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.situation.traffic import MOST_HOURS, Traffic
from fengsui.clock import HOUR
from fengsui.event import Event, Fields, make_event

T0 = 1_790_000_000_000_000_000


def _flow(time: int, duration: int, sent: int, got: int, **more: str) -> Event:
    fields: Fields = {
        "source.bytes": sent,
        "destination.bytes": got,
        "event.duration": duration,
        **{name.replace("_", "."): value for name, value in more.items()},
    }
    return make_event(id="e" * 32, time=time, dataset="flow", fields=dict(fields))


@given(
    st.integers(0, 5 * HOUR),
    st.integers(0, 200 * HOUR),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
)
def test_every_byte_is_in_one_hour(offset: int, duration: int, sent: int, got: int) -> None:
    traffic = Traffic()
    traffic.note([_flow(T0 + offset, duration, sent, got)])
    rows = traffic.taken()
    assert sum(row.bytes for row in rows) == sent + got
    assert sum(row.flows for row in rows) == 1
    assert all(row.bytes >= 0 and row.hour % HOUR == 0 for row in rows)
    assert len(rows) <= MOST_HOURS
    assert min(row.hour for row in rows) == (T0 + offset) // HOUR * HOUR
    assert traffic.taken() == []


def test_a_flow_between_two_units_counts_for_both_and_once_for_the_whole() -> None:
    traffic = Traffic()
    between = _flow(
        T0, 0, 60, 40, cn_source_unit="edu", cn_destination_unit="health", cn_plane="data"
    )
    other = make_event(id="f" * 32, time=T0, dataset="dns", fields={"source.bytes": 9})
    traffic.note([between, other])
    found = {(row.kind, row.name): row.bytes for row in traffic.taken()}
    assert found == {
        ("whole", ""): 100,
        ("unit", "edu"): 100,
        ("unit", "health"): 100,
        ("plane", "data"): 100,
    }
