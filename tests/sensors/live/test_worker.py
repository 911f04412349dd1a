"""The worker's loop: clock jumps and overload, with a ring and a decoder that do as they are told."""

from __future__ import annotations

import socket
import time
from typing import cast

import pytest

from fengsui.clock import SECOND
from sensors.live import worker as module
from sensors.live.decoder import RingDecoder
from sensors.live.messages import Outbox, Task
from sensors.live.ring import Ring
from sensors.live.worker import Worker


class FakeRing:
    blocks = 64

    def __init__(self) -> None:
        self.pair = socket.socketpair()

    def fileno(self) -> int:
        return self.pair[0].fileno()


class FakeDecoder:
    on = False

    def shed(self, *, on: bool) -> None:
        self.on = on


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Worker:
    monkeypatch.setattr(module.signal, "set_wakeup_fd", lambda *_args, **_words: None)
    task = Task("lo", 0, 0, 64, 1, "test", {}, 100, [])
    outbox = Outbox(socket.socketpair()[0], 100)
    return Worker(task, cast("Ring", FakeRing()), cast("RingDecoder", FakeDecoder()), outbox)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_clock_that_jumps_is_counted(made: Worker) -> None:
    class Jumping:
        ahead = 0

        def now(self) -> int:
            return time.time_ns() + self.ahead

    clock = Jumping()
    made._clock = clock  # type: ignore[assignment]
    made._watch_clock()
    assert not made._losses.as_json()
    for ahead in (3600 * SECOND, -60 * SECOND):
        clock.ahead = ahead
        made._watch_clock()
        made._watch_clock()
    assert made._losses.as_json() == {"live.clock_jumps": 2}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_ring_that_runs_full_sheds_work_until_it_has_been_empty_for_a_while(
    made: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    seen = []
    for used, step in [(3, 1), (33, 1), (3, 4), (40, 1), (20, 6), (8, 1), (0, 1)]:
        now += step
        made._relieve(used)
        seen.append(cast("FakeDecoder", made._decoder).on)
    assert seen == [False, True, True, True, True, False, False]
    assert made._report.shed_seconds == 4 + 1 + 6 + 1
    seen.clear()
    for used, step in [(33, 1), (0, 6), (0, 5), (33, 61), (0, 6)]:  # again soon, and much later
        now += step
        made._relieve(used)
        seen.append(cast("FakeDecoder", made._decoder).on)
    assert seen == [True, True, False, True, False]
