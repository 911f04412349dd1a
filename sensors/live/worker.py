"""A capture worker: one ring, one decoder, one core.

    python -m sensors.live.worker '{"ring": FD, "out": FD, "blocks": 64, …}'

Started by `sensors.live.capture` with the packet socket already open. It gets at the folders of what
is kept, gives up all privileges before it looks at the first packet, and ends on SIGTERM or SIGINT,
when its interface is taken away, or when its parent is gone.
"""

from __future__ import annotations

import errno
import math
import os
import select
import signal
import socket
import sys
import time
from dataclasses import asdict
from types import FrameType
from typing import Final

import orjson

from fengsui.clock import SECOND, WallClock
from fengsui.loss import Losses
from sensors.live.decoder import RingDecoder
from sensors.live.interface import look
from sensors.live.keeping import Keeping
from sensors.live.messages import Outbox, Report, Task
from sensors.live.privilege import die_with_parent, drop, load_codecs
from sensors.live.ring import Block, Ring

_WAIT: Final = 200  # ms of a poll: a signal is seen within that, packets or not
_OUTBOX: Final = 64 << 20  # bytes; beyond, the ring waits, and what it cannot hold is counted
_GRACE: Final = 8.0  # seconds to hand over the last events
_RELIEF: Final = 5.0  # seconds after the ring was half full before all work is done again;
_LONGEST_RELIEF: Final = 60.0  # doubled up to this while it runs full again soon after
_JUMP: Final = 2 * SECOND  # of the wall clock against the steady one


class Worker:
    """The loop between ring and outbox."""

    def __init__(
        self,
        task: Task,
        ring: Ring,
        decoder: RingDecoder,
        outbox: Outbox,
        keeping: Keeping | None = None,
    ) -> None:
        self._task = task
        self._keeping = keeping or Keeping()
        self._ring = ring
        self._decoder = decoder
        self._outbox = outbox
        self._clock = WallClock()
        self._offset = self._clock.now() - time.monotonic_ns()
        self._index = link.index if (link := look(task.interface)) else 0
        self._stopping = False
        self._told = 0.0
        self._full = 0.0
        self._relief = _RELIEF
        self._relieved = -_LONGEST_RELIEF  # when all work was taken up again
        self._shed_from = 0.0
        self._report = Report(blocks=ring.blocks)
        self._losses = Losses()
        self._poll = select.poll()
        self._poll.register(ring, select.POLLIN | select.POLLERR)
        self._poll.register(self._wake_on_signals(), select.POLLIN)

    def _wake_on_signals(self) -> socket.socket:
        """A socket that becomes readable when a signal arrives, so that no poll sleeps over it."""
        self._woken, waking = socket.socketpair()
        waking.setblocking(False)
        self._waking = waking
        signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
        return self._woken

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """Finish what is held and end; a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Until stopped, or until the interface is gone."""
        while not self._stopping:
            block = None if self._outbox.full else self._ring.waiting()
            if block is None:
                self._idle()
            else:
                self._decode(block)
            if time.monotonic() - self._told > self._task.every:
                self._tell()
            self._outbox.send()
        self._finish()

    def _decode(self, block: Block) -> None:
        lag = max(0, self._clock.now() - block.newest) / SECOND
        self._report.lag_seconds = max(self._report.lag_seconds, lag)
        self._report.newest = max(self._report.newest, block.newest)
        used = self._ring.used()
        self._report.peak_blocks = max(self._report.peak_blocks, used)
        self._relieve(used)
        self._decoder.block(block.view, block.first, block.packets)
        if self._keeping.keeper is not None:
            self._keeping.keeper.ring(block.view, block.first, block.packets, self._task.link_type)
        self._ring.release()

    def _relieve(self, used: int) -> None:
        """Shed work when the ring is half full, until it is nearly empty and some time has passed."""
        now = time.monotonic()
        if 2 * used > self._ring.blocks:
            self._full = now
            if not self._report.shedding:
                self._shed(now, on=True)
            return
        relieved = 8 * used <= self._ring.blocks and now - self._full > self._relief
        if self._report.shedding and relieved:
            self._shed(now, on=False)

    def _shed(self, now: float, *, on: bool) -> None:
        if on:
            again = now - self._relieved < _LONGEST_RELIEF
            self._relief = min(2 * self._relief, _LONGEST_RELIEF) if again else _RELIEF
        else:
            self._relieved = now
        self._decoder.shed(on=on)
        self._count_shed(now)
        self._report.shedding = on

    def _count_shed(self, now: float) -> None:
        if self._report.shedding:
            self._report.shed_seconds += now - self._shed_from
        self._shed_from = now

    def _idle(self) -> None:
        if self._outbox.full:
            self._report.held_back += 1
            self._outbox_ready(_WAIT)
            return
        for number, happened in self._poll.poll(_WAIT):
            if number == self._ring.fileno() and happened & (select.POLLERR | select.POLLHUP):
                self._link_error()
        self._relieve(0)
        self._decoder.idle(self._clock.now())

    def _outbox_ready(self, wait: int) -> None:
        poll = select.poll()
        poll.register(self._outbox, select.POLLOUT)
        poll.poll(wait)

    def _link_error(self) -> None:
        """The socket stays bound over a link that goes down and up; not over one that is removed."""
        if self._ring.error() == errno.ENETDOWN:
            self._losses.add("live.interface_down")
        time.sleep(_WAIT / 1000)  # a removed interface reports its error again and again

    def _tell(self) -> None:
        """Hand over what was made, and say how it goes."""
        self._told = time.monotonic()
        while (batch := self._decoder.take()) is not None:
            self._outbox.events(batch)
        self._watch_clock()
        self._count_shed(time.monotonic())
        link = look(self._task.interface)
        if link is None or link.index != self._index:
            self._stopping = True
        report, counts = self._report, self._ring.counts()
        report.up = link is not None and link.up
        report.packets += counts.packets
        report.drops += counts.drops
        report.freezes += counts.freezes
        report.blocks_used = self._ring.used()
        report.queue_bytes = self._outbox.bytes
        summary = self._decoder.summary
        report.bytes = summary.bytes
        report.events = sum(summary.events.values())
        losses = Losses(summary.losses.as_json())
        losses.merge(self._losses)
        losses.merge(self._keeping.all_losses())
        report.kept = self._keeping.status()
        losses.add("live.kernel_drops", report.drops)
        losses.add("live.shed_seconds", math.ceil(report.shed_seconds))
        report.losses = losses.as_json()
        self._outbox.report(orjson.dumps(asdict(report)))
        report.lag_seconds = 0.0
        report.peak_blocks = 0

    def _watch_clock(self) -> None:
        offset = self._clock.now() - time.monotonic_ns()
        if abs(offset - self._offset) > _JUMP:
            self._losses.add("live.clock_jumps")
        self._offset = offset

    def _finish(self) -> None:
        """What the ring holds at this moment, the open flows, and the last report."""
        for _ in range(self._ring.used()):
            if (block := self._ring.waiting()) is not None:
                self._decode(block)
        while (batch := self._decoder.take()) is not None:
            self._outbox.events(batch)
        for batch in self._decoder.finish():
            self._outbox.events(batch)
        deadline = time.monotonic() + _GRACE
        self._hand_over(deadline)
        self._keeping.close()
        self._hand_over(deadline)

    def _hand_over(self, deadline: float) -> None:
        self._tell()
        while self._outbox.bytes and time.monotonic() < deadline:
            self._outbox.send()
            self._outbox_ready(_WAIT)


def main(argument: str) -> None:
    """Run one worker; see the module."""
    die_with_parent()
    early: list[int] = []  # a stop that comes before there is anything to stop
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda which, _frame: early.append(which))
    task = Task.of_argument(argument)
    ring = Ring(socket.socket(fileno=task.ring), task.blocks)
    outbox = Outbox(socket.socket(fileno=task.out), _OUTBOX)
    if task.core >= 0:
        os.sched_setaffinity(0, {task.core})
    keeping = Keeping()
    keeping.prepare(task)
    decoder = RingDecoder(
        sensor=task.sensor,
        fields=task.fields,
        max_flows=task.max_flows,
        link=task.link_type,
        datasets=frozenset(task.protocols) or None,
        store=keeping.store,
        hashes=tuple(task.hashes),
    )
    load_codecs()
    drop(task.user)
    keeping.start()
    worker = Worker(task, ring, decoder, outbox, keeping)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    if early:
        worker.stop()
    try:
        worker.run()
    except (BrokenPipeError, ConnectionResetError):
        keeping.close()
        sys.exit(1)  # the parent is gone: nobody is left to tell
    # All is handed over; taking compiled code and tables apart would only keep the parent waiting.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
