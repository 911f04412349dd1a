"""Rules and indicators asked of real stores: what the engine matches is among what the store gives."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detections.detector import Context
from detections.indicators.detector import IndicatorDetector
from detections.indicators.lists import Indicator, Kind
from detections.indicators.stored import stored_query
from detections.sigma.conditions import Condition, Leaf, SameAs, replaced
from detections.sigma.oracle import holds
from detections.sigma.stored import wide
from fengsui.store.event_store import EventStore
from tests.contract.events import ADDRESSES, POOLS, UNKNOWN, corpus
from tests.detections.sigma import conftest as random_sigma
from tests.detections.sigma.test_stored import leaves_of

EVENTS = corpus(400)
NAMES = [*POOLS, *UNKNOWN]
LEAVES = st.sampled_from([leaf for name in [*NAMES, ""] for leaf in leaves_of(name)])
WITH_STORES = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """Conditions over the fields of the corpus."""
    names = dict(zip(random_sigma.FIELDS, draw(st.permutations(NAMES)), strict=False))

    def change(leaf: Leaf, _positive: bool) -> Condition:
        if draw(st.booleans()):
            return draw(LEAVES)
        if isinstance(leaf, SameAs):
            leaf = replace(leaf, other=names[leaf.other])
        return replace(leaf, field=names.get(leaf.field, leaf.field))

    return replaced(draw(random_sigma._conditions), change)


@WITH_STORES
@given(condition=conditions() | LEAVES)
def test_a_rule_misses_nothing(filled: EventStore, condition: Condition) -> None:
    selected = {event.id for event in filled.scroll(wide(condition))}
    assert {event.id for event in EVENTS if holds(condition, event.fields)} <= selected


KINDS: dict[Kind, list[str]] = {
    "ip": ADDRESSES,
    "cidr": ["10.0.0.0/8", "10.0.0.0/30", "8.0.0.0/7", "2001:db8::/32", "0.0.0.0/0", "10.0.0.1/32"],
    "domain": ["example.cn", "mail.example.cn", "cn"],
}
INDICATORS = [Indicator(kind, value, "l", "l:1") for kind in KINDS for value in KINDS[kind]]


def test_indicators_miss_nothing(filled: EventStore) -> None:
    found = 0
    for one in INDICATORS:
        detector = IndicatorDetector([one], Context(lambda _address: False))
        met = {event.id for event in EVENTS if list(detector.observe(event, 0))}
        assert met <= {event.id for event in filled.scroll(stored_query([one]))}, one
        found += len(met)
    assert found > 100


def test_many_indicators_ask_for_fields_alone() -> None:
    many = [replace(INDICATORS[0], value=f"10.1.{n // 250}.{n % 250}") for n in range(500)]
    assert "10.1" not in str(stored_query(many))
