from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fengsui.alert import EVENTS_KEPT, Alert, Entity, alert_id
from fengsui.severity import Severity
from fengsui.text import Text

alerts = st.builds(
    lambda first, length, count, severity, events: Alert(
        id=alert_id("r", "k", "", first),
        rule="r",
        title=Text(""),
        kind="sigma",
        severity=severity,
        fidelity=0.5,
        key="k",
        entities=(Entity("host", f"10.0.0.{first % 5}", "source", internal=True),),
        events=tuple(events),
        first=first,
        last=first + length,
        raised=first + length,
        reason=Text("r", {"n": count}),
        count=count,
    ),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(1, 100),
    st.sampled_from(list(Severity)),
    st.lists(st.text("0123456789abcdef", min_size=4, max_size=4), max_size=60, unique=True),
)


@given(alerts, alerts)
def test_folding_loses_no_count_and_widens_the_time(one: Alert, other: Alert) -> None:
    both = one.folding(other)
    assert both.count == one.count + other.count
    assert both.first == min(one.first, other.first)
    assert both.last == max(one.last, other.last)
    assert both.severity == max(one.severity, other.severity)
    assert both.id == one.id
    assert len(set(both.entities)) == len(both.entities)
    assert len(both.events) <= max(EVENTS_KEPT, len(one.events))
