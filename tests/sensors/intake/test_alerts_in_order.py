"""Files of alerts come by time, whatever their order; other logs pass as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.clock import DAY, SECOND, WallClock
from fengsui.errors import InputError
from fengsui.event import split_lines
from sensors.intake.alerts_in_order import AlertsInOrder
from sensors.intake.opening import open_input
from sensors.source import Batch, Summary

T = 1_790_000_000


def _file(folder: Path, times: list[int]) -> Path:
    rows = [
        {"time": at, "ip": "10.0.0.1", "name": f"n{place}", "rule_id": "r"}
        for place, at in enumerate(times)
    ]
    path = folder / "alerts.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def _batches(path: Path) -> list[Batch]:
    return [one for one in open_input(str(path), sensor="s", max_flows=16) if one.lines]


@given(times=st.lists(st.integers(T, T + 500_000), min_size=1, max_size=60))
def test_alerts_come_by_time(tmp_path_factory: pytest.TempPathFactory, times: list[int]) -> None:
    batches = _batches(_file(tmp_path_factory.mktemp("a"), times))
    seen = [event.time // SECOND for one in batches for event in split_lines(one.lines)]
    assert seen == sorted(times)
    assert [one.clock for one in batches] == sorted(one.clock for one in batches)
    assert batches[-1].clock == max(times) * SECOND


def test_an_alert_from_the_future_moves_no_clock(tmp_path: Path) -> None:
    ahead = (WallClock().now() + 400 * DAY) // SECOND
    batches = _batches(_file(tmp_path, [ahead, T + 5, T]))
    assert batches[-1].clock == (T + 5) * SECOND
    assert sum(one.count for one in batches) == 3


class _Breaks:
    name, size = "x", 0
    summary = Summary()

    def __init__(self, lines: bytes) -> None:
        self._lines = lines

    def __iter__(self) -> Iterator[Batch]:
        yield Batch(self._lines, self._lines.count(b"\n"), T * SECOND, 1)
        raise InputError("cut")


def test_what_was_read_before_a_failure_is_given(tmp_path: Path) -> None:
    (whole,) = _batches(_file(tmp_path, [T + 1, T]))
    found: list[Batch] = []
    with pytest.raises(InputError, match="cut"):
        _collect(AlertsInOrder(_Breaks(whole.lines)), found)
    assert sum(one.count for one in found) == 2


def _collect(source: AlertsInOrder, into: list[Batch]) -> None:
    for one in source:
        into.append(one)  # noqa: PERF402 - what came before the failure is wanted
