"""What is read back equals what was written, for every word the state keeps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.store.sql import codecs
from fengsui.text import Text
from tests.fengsui.store.sql import samples

PAIRS = [
    (samples.alerts, codecs.alert_from),
    (samples.incidents, codecs.incident_from),
    (samples.findings, codecs.finding_from),
    (samples.runs, codecs.run_from),
    (samples.replays, codecs.replay_from),
    (samples.jobs, codecs.job_from),
    (samples.hunts, codecs.hunt_from),
    (samples.units, codecs.unit_from),
    (samples.systems, codecs.system_from),
    (samples.networks, codecs.network_from),
    (samples.assets, codecs.asset_from),
]


@pytest.mark.parametrize(("things", "back"), PAIRS, ids=lambda each: getattr(each, "__name__", ""))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_round_trip(things: Any, back: Any, data: Any) -> None:
    thing = data.draw(things)
    assert back(codecs.read(codecs.written(thing))) == thing


def test_canonical_form_is_one() -> None:
    assert codecs.canonical({"b": 1, "a": "烽"}) == '{"a":"烽","b":1}'.encode()
    assert codecs.canonical({"a": "烽", "b": 1}) == codecs.canonical({"b": 1, "a": "烽"})


def test_sets_and_read_only_mappings_have_a_form() -> None:
    from types import MappingProxyType

    assert codecs.written({"x": frozenset({"b", "a"})}) == '{"x":["a","b"]}'
    text = Text("k", MappingProxyType({"n": 1}))
    assert codecs.text_from(codecs.read(codecs.written(text))).values == {"n": 1}


def test_things_without_a_form_are_refused() -> None:
    with pytest.raises(TypeError):
        codecs.written({"x": object()})
