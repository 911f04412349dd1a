"""One leader among several processes, and its hand-over."""

from __future__ import annotations

import subprocess
import sys
import time

from fengsui.store.sql.state import open_state

LEAD = """
import sys, time
from fengsui.store.sql.state import open_state
state = open_state(sys.argv[1])
leader = state.leader("work")
print(leader.leads(), flush=True)
time.sleep(60)
"""
HAND_OVER = 15  # seconds


def test_one_leads_and_another_follows_a_kill(url: str) -> None:
    state = open_state(url)
    ours = state.leader("work")
    other = subprocess.Popen([sys.executable, "-c", LEAD, url], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "True"
        assert not ours.leads()
        another = state.leader("another role")
        assert another.leads()
        another.resign()
        other.kill()
        other.wait()
        ends = time.monotonic() + HAND_OVER
        while not ours.leads():
            assert time.monotonic() < ends, "nobody took over"
            time.sleep(0.05)
        assert ours.leads()
    finally:
        other.kill()
        other.wait()
        other.stdout.close() if other.stdout else None
        ours.resign()
        state.close()


def test_the_lead_can_be_given_up(url: str) -> None:
    state = open_state(url)
    first, second = state.leader("work"), state.leader("work")
    assert first.leads()
    assert not second.leads()
    first.resign()
    assert second.leads()
    second.resign()
    state.close()
