from hypothesis import given
from hypothesis import strategies as st

from fengsui.clock import HOUR, MINUTE
from fengsui.loss import LatelyLost

TOTALS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), min_size=1, max_size=60)


def test_a_loss_is_told_for_an_hour_and_then_no_more() -> None:
    lately = LatelyLost()
    assert lately.tell({"spool.dropped_events": 4}, HOUR) == {"spool.dropped_events": 4}
    assert lately.tell({"spool.dropped_events": 4}, HOUR + 50 * MINUTE) == {
        "spool.dropped_events": 4
    }
    assert lately.tell({"spool.dropped_events": 5}, 2 * HOUR + MINUTE) == {
        "spool.dropped_events": 1
    }


def test_the_end_of_a_replay_is_no_growth() -> None:
    lately = LatelyLost()
    lately.tell({"a": 9, "b": 1}, HOUR)
    assert lately.tell({"a": 2}, HOUR + MINUTE) == {"a": 9, "b": 1}
    assert lately.tell({"a": 3}, HOUR + MINUTE) == {"a": 10, "b": 1}


@given(TOTALS)
def test_what_is_told_is_what_grew_within_the_steps_of_the_last_hour(
    moves: list[tuple[int, int]],
) -> None:
    lately, now, total = LatelyLost(), 0, 0
    grown: list[tuple[int, int]] = []
    for minutes, more in moves:
        now += minutes * MINUTE
        total += more
        grown.append((now // LatelyLost.STEP, more))
        step = now // LatelyLost.STEP
        expected = sum(count for at, count in grown if step - at < LatelyLost.KEPT)
        assert lately.tell({"a": total}, now).get("a", 0) == expected
