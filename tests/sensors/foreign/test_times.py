from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.foreign.times import time_of

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("fields", "time"),
    [
        ({"SystemTime": "2020-06-09 22:50:54"}, 1591743054 * SECOND),
        ({"SystemTime": "2025-12-06T21:11:02.6491508Z"}, 1765055462_649150000),
        ({"UtcTime": "2020-06-10 02:50:54.631"}, 1591757454_631000000),
        ({"ts": 1591743054.5}, 1591743054_500000000),
        ({"time": "1591743054"}, 1591743054 * SECOND),
        ({"TimeCreated": "/Date(1591743054000)/"}, 1591743054 * SECOND),
        ({"timestamp": 1591743054000}, 1591743054 * SECOND),
        ({"msg": "audit(1364481363.243:24287)"}, 1364481363_243000000),
        ({"SystemTime": "soon", "@timestamp": "2020-06-09T22:50:54Z"}, 1591743054 * SECOND),
        ({"a": 1}, None),
        ({"ts": True}, None),
    ],
)
def test_the_time_of_an_event(fields: dict[str, object], time: int | None) -> None:
    assert time_of(fields) == time


@given(
    st.dictionaries(
        st.sampled_from(["ts", "SystemTime", "msg"]), st.text() | st.floats() | st.integers()
    )
)
def test_no_value_breaks_it(fields: dict[str, object]) -> None:
    assert isinstance(time_of(fields), int | None)
