from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.replaying import Input, feed, merged
from fengsui.errors import InputError
from sensors.source import Batch, Summary


class Clocked:
    """A source whose batches have given clocks; it may fail after them."""

    def __init__(self, name: str, clocks: list[int], *, fails: bool = False) -> None:
        self.name = name
        self.size = len(clocks)
        self.summary = Summary()
        self._clocks = clocks
        self._fails = fails

    def __iter__(self) -> Iterator[Batch]:
        for number, clock in enumerate(self._clocks):
            self.summary.records += 1
            yield Batch(f'{{"{self.name}":{number}}}\n'.encode(), 1, clock, number + 1)
        if self._fails:
            raise InputError("cut", where=self.name)


class Kept:
    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def put(self, lines: bytes, clock: int) -> None:
        self.lines.append(lines)


def quiet(_done: int, _total: int, _message: str) -> None:
    return


clocks = st.lists(st.integers(0, 50), max_size=12).map(sorted)


@given(st.lists(clocks, min_size=1, max_size=5))
def test_batches_come_in_order_of_time_and_none_is_lost(inputs: list[list[int]]) -> None:
    sources = [Clocked(str(n), one) for n, one in enumerate(inputs)]
    seen = list(merged([Input(source) for source in sources]))
    assert [batch.clock for _, batch in seen] == sorted(clock for one in inputs for clock in one)
    for number, one in enumerate(inputs):
        assert [batch.clock for n, batch in seen if n == number] == one


def test_an_input_that_fails_keeps_its_good_part_and_the_others_go_on() -> None:
    kept = Kept()
    inputs = feed([Clocked("a", [1, 3], fails=True), Clocked("b", [2, 4])], kept, quiet)
    assert len(kept.lines) == 4
    assert [one.error is not None for one in inputs] == [True, False]


def test_when_nothing_can_be_used_the_first_error_is_raised() -> None:
    with pytest.raises(InputError, match="cut"):
        feed([Clocked("a", [], fails=True), Clocked("b", [], fails=True)], Kept(), quiet)
