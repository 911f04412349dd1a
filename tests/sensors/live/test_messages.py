"""Messages between a worker and its parent: whole, in order, whatever the pieces."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.live.messages import EVENTS, REPORT, Inbox, Outbox, Task
from sensors.source import Batch

BATCHES = st.lists(st.tuples(st.binary(max_size=300), st.integers(0, 1 << 62)), max_size=8)


@given(BATCHES)
def test_what_goes_in_comes_out(contents: list[tuple[bytes, int]]) -> None:
    near, far = socket.socketpair()
    outbox, inbox = Outbox(near, 1 << 20), Inbox(far)
    for number, (lines, clock) in enumerate(contents):
        outbox.events(Batch(lines, number, clock, 0))
        outbox.report(b"{}")
    outbox.send()
    assert outbox.bytes == 0
    near.close()
    found = []
    while inbox.read():
        found += inbox.messages()
    inbox.close()
    events = [(one.content, one.clock) for one in found if one.kind == EVENTS]
    assert events == contents[1:]  # the first has no event, and is not sent
    assert sum(one.kind == REPORT for one in found) == len(contents)


def test_a_parent_that_does_not_read_fills_the_outbox_and_blocks_nothing() -> None:
    near, far = socket.socketpair()
    outbox, inbox = Outbox(near, 1 << 20), Inbox(far)
    block = b"x" * (1 << 20)
    outbox.events(Batch(block, 1, 1, 0))
    outbox.events(Batch(block, 1, 2, 0))
    outbox.send()
    assert outbox.full
    found = []
    while outbox.bytes:
        inbox.read()
        found += inbox.messages()
        outbox.send()
    while len(found) < 2:
        inbox.read()
        found += inbox.messages()
    assert [(one.content == block, one.clock) for one in found] == [(True, 1), (True, 2)]
    near.close()
    inbox.close()


@given(st.binary(min_size=17, max_size=200))
def test_nonsense_is_refused_or_waits(data: bytes) -> None:
    near, far = socket.socketpair()
    inbox = Inbox(far)
    near.send(b"\xff" + data)
    inbox.read()
    with pytest.raises(ValueError, match="not a message"):
        list(inbox.messages())
    near.close()
    inbox.close()


def test_a_task_is_one_argument() -> None:
    task = Task("eth1", 3, 4, 64, 1, "sensor", {"cn.plane": "数据"}, 1000, [])
    assert "数据" in task.as_argument()
