"""Other tools' items as incidents: laws of the points, of the groups, of decisions."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.entities import CorrelationContext
from correlation.foreign import BITS, CASE, build_foreign, grouped, points_of
from fengsui.alert import Alert, Entity, Fact
from fengsui.clock import SECOND
from fengsui.incident import Decision
from fengsui.severity import Severity
from fengsui.text import literal

CONTEXT = CorrelationContext(is_internal=lambda address: address.startswith("10."))


def item(number: int, host: int, kind: int, bits: float, case: int) -> Alert:
    title = literal(f"K{kind}", f"K{kind}")
    at = number * 60 * SECOND
    return Alert(
        id=f"i{number:02}",
        rule=f"wazuh:{kind}",
        title=title,
        kind="foreign",
        severity=Severity.LOW,
        fidelity=0.0,
        key=f"10.0.0.{host}",
        entities=(Entity("host", f"10.0.0.{host}", "source", True),),
        events=(),
        first=at,
        last=at,
        raised=at,
        reason=title,
        facts=(Fact(BITS, bits, unit="bit"), Fact(CASE, f"c{case}")),
        count=number + 1,
    )


rows = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.floats(0, 60), st.integers(0, 2)),
    min_size=1,
    max_size=12,
)


@given(st.floats(0, 5000), st.floats(0, 5000))
def test_points_rise_with_bits_and_end_at_a_hundred(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= points_of(low) <= points_of(high) <= 100


@settings(max_examples=100, deadline=None)
@given(given_rows=rows, seed=st.integers(0, 99))
def test_groups_are_the_cases_in_any_order_and_parts_add_up(
    given_rows: list[tuple[int, int, float, int]], seed: int
) -> None:
    items = [item(number, *row) for number, row in enumerate(given_rows)]
    found = grouped(items)
    assert len(found) == len({row[3] for row in given_rows})
    mixed = random.Random(seed).sample(items, len(items))
    again = {one.id: one for one in (build_foreign("", m, k, CONTEXT) for m, k in grouped(mixed))}
    for members, links in found:
        made = build_foreign("", members, links, CONTEXT)
        assert made == again[made.id]
        assert abs(sum(part.points for part in made.parts) - made.score) < 1e-6
        assert len(made.joins) == len(members) - 1
        assert made.count == sum(one.count for one in members)
        more = item(90, 9, 9, 8.0, 0)
        assert build_foreign("", [*members, more], links, CONTEXT).score >= made.score - 0.01


def test_decisions_hold_for_them_too() -> None:
    items = [item(n, 0, n, 5.0, n // 2) for n in range(4)]
    merge = Decision("d", "merge", "", "li", 1, "", ("i00", "i02"))
    split = Decision("e", "split", "", "li", 2, "", ("i01",), ("i00",))
    assert len(grouped(items, [merge])) == 1
    assert {len(members) for members, _ in grouped(items, [merge, split])} == {1, 3}
