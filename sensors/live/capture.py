"""Live capture: opens interfaces, runs their workers, hands on what they find, says how it goes.

An interface that cannot be captured is told, counted and tried again; the others go on. The workers
are processes without privileges; this side opens the sockets and passes them on.
"""

from __future__ import annotations

import logging
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Any, Final

from fengsui.errors import BusyError, FengsuiError
from fengsui.loss import Losses
from sensors.files.digests import HASHES
from sensors.live.interface import Interface
from sensors.live.kept import KeptFiles, KeptPackets, writer_name
from sensors.live.messages import EVENTS, Inbox, Message, Report, Task
from sensors.live.privilege import check_user, without_threads
from sensors.live.ring import NO_GROUP, Opened, open_socket
from sensors.live.watched import (
    FIRST_PAUSE,
    Seat,
    Seated,
    Watched,
    added,
    document,
    read_report,
    total,
    worker_error,
)

log = logging.getLogger(__name__)

Put = Callable[[bytes, int], None]  # JSON lines, clock; raises BusyError while there is no room
OnProblem = Callable[[FengsuiError], None]

_TURN, _LONGEST_PAUSE, _STEADY = 0.2, 8.0, 30.0  # seconds
_GRACE: Final = 10.0  # seconds for the workers to end by themselves


@dataclass(frozen=True, slots=True)
class Capture:
    """What all interfaces have in common; `every`: seconds between a worker's batches and reports."""

    sensor: str
    max_flows: int
    user: str = ""
    every: float = 1.0
    hashes: tuple[str, ...] = HASHES
    packets: KeptPackets | None = None  # None keeps nothing
    files: KeptFiles | None = None


class LiveCapture:
    """Captures until stopped, in a thread of its own.

    Args:
        put: takes events in order; a `BusyError` makes it try again, and the rings wait.
        on_problem: told of each new problem of an interface, once.
    """

    def __init__(
        self,
        interfaces: Sequence[Interface],
        capture: Capture,
        put: Put,
        on_problem: OnProblem | None = None,
    ) -> None:
        self._watched = [
            Watched(each, [Seat(number) for number in range(each.workers)], before=[Report()])
            for each in interfaces
        ]
        self._capture = capture
        self._put = put
        self._on_problem = on_problem or _log_problem
        self._selector = selectors.DefaultSelector()
        self._stop = Event()
        self._lock = Lock()  # over reports, which another thread reads
        self._losses = Losses()
        self._events = 0
        self._deadline = 0.0
        self._waiting = False
        self._thread = Thread(target=self._run, name="live")

    def start(self) -> None:
        """Begin; problems of interfaces are reported, not raised."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread that watches the workers runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the workers, take what they still hold, and wait for that."""
        self._deadline = time.monotonic() + _GRACE
        self._stop.set()
        with self._lock:
            for worker in self._workers():
                worker.process.terminate()
        if self._thread.is_alive():
            self._thread.join()

    def _workers(self) -> list[Seated]:
        return [seat.worker for each in self._watched for seat in each.seats if seat.worker]

    def _run(self) -> None:
        while not self._stop.is_set():
            for watched in self._watched:
                for seat in watched.seats:
                    if seat.worker is None and time.monotonic() >= seat.due:
                        self._open(watched, seat)
            self._turn()
        self._end()
        self._selector.close()

    def _turn(self) -> None:
        """Read what the workers have sent; wait a moment where there is nothing."""
        if not self._selector.get_map():
            self._stop.wait(_TURN)
            return
        for key, _ in self._selector.select(_TURN):
            watched, seat = key.data
            self._receive(watched, seat)

    def _open(self, watched: Watched, seat: Seat) -> None:
        try:
            check_user(self._capture.user)
            opened = open_socket(watched.interface, watched.group)
        except FengsuiError as error:
            self._problem(watched, seat, error)
            return
        watched.group = opened.group
        worker = self._started(watched.interface, seat.number, opened)
        self._selector.register(worker.inbox, selectors.EVENT_READ, (watched, seat))
        with self._lock:
            seat.worker = worker
            if all(each.worker for each in watched.seats):
                watched.problem = None

    def _started(self, interface: Interface, number: int, opened: Opened) -> Seated:
        ours, theirs = socket.socketpair()
        fields = {"observer.ingress.interface.name": interface.name}
        if interface.plane:
            fields["cn.plane"] = interface.plane
        task = Task(
            interface=interface.name,
            ring=opened.socket.fileno(),
            out=theirs.fileno(),
            blocks=opened.blocks,
            link_type=opened.link_type,
            sensor=self._capture.sensor,
            fields=fields,
            max_flows=self._capture.max_flows,
            protocols=list(interface.protocols),
            user=self._capture.user,
            core=interface.cores[number % len(interface.cores)] if interface.cores else -1,
            every=self._capture.every,
            hashes=list(self._capture.hashes),
            packets=self._capture.packets,
            files=self._capture.files,
            writer=writer_name(self._capture.sensor, interface.name, str(number)),
        )
        with opened.socket, theirs:
            process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "sensors.live.worker", task.as_argument()],
                pass_fds=(task.ring, task.out),
                stdin=subprocess.DEVNULL,
                env=without_threads(),
            )
        return Seated(process, Inbox(ours), time.monotonic())

    def _receive(self, watched: Watched, seat: Seat) -> None:
        worker = seat.worker
        if worker is None:
            return
        try:
            open_still = worker.inbox.read()
            for message in worker.inbox.messages():
                self._take(seat, worker, message)
        except ValueError:  # a worker was taken over by what it decoded: hear no more of it
            log.exception("A capture worker sent nonsense")
            self._losses.add("live.bad_messages")
            worker.process.kill()
            open_still = False
        if not open_still:
            self._ended(watched, seat, worker)

    def _take(self, seat: Seat, worker: Seated, message: Message) -> None:
        if message.kind == EVENTS:
            self._deliver(message)
            return
        report = read_report(message.content)
        with self._lock:
            worker.report = report
            seat.kept = report.kept

    def _deliver(self, message: Message) -> None:
        """Hand events on; while there is no room the rings fill, and the kernel counts what is lost."""
        while True:
            try:
                self._put(message.content, message.clock)
            except BusyError:
                self._waiting = True
                if self._stop.is_set() and time.monotonic() > self._deadline:
                    self._losses.add("spool.dropped_events", message.count)
                    return
                time.sleep(_TURN)
            else:
                self._waiting = False
                self._events += message.count
                return

    def _ended(self, watched: Watched, seat: Seat, worker: Seated) -> None:
        self._selector.unregister(worker.inbox)
        worker.inbox.close()
        try:
            status = worker.process.wait(_GRACE / 2)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            status = worker.process.wait()
        with self._lock:
            seat.worker = None
            watched.before = [added([*watched.before, worker.report])]
            watched.restarts += 0 if self._stop.is_set() else 1
        if time.monotonic() - worker.started > _STEADY:
            seat.pause = FIRST_PAUSE
        if not any(each.worker for each in watched.seats):
            watched.group = NO_GROUP
        if status == 0:
            seat.due = 0.0  # it was asked to end, or its interface went away: opening will tell
        elif not self._stop.is_set():
            self._losses.add("live.failed_workers")
            self._problem(watched, seat, worker_error(watched.interface, status))

    def _problem(self, watched: Watched, seat: Seat, error: FengsuiError) -> None:
        known = watched.problem
        with self._lock:
            watched.problem = error
        seat.due = time.monotonic() + seat.pause
        seat.pause = min(seat.pause * 2, _LONGEST_PAUSE)
        if known is None or known.as_json() != error.as_json():
            self._on_problem(error)

    def _end(self) -> None:
        workers = self._workers()
        for worker in workers:  # one may have been started after `stop` looked
            worker.process.terminate()
        while self._selector.get_map() and time.monotonic() < self._deadline:
            self._turn()
        for worker in workers:
            if worker.process.poll() is None:
                self._losses.add("live.killed_workers")
                worker.process.kill()
                worker.process.wait()
            worker.inbox.close()

    @property
    def events(self) -> int:
        """Events handed on."""
        return self._events

    def losses(self) -> Losses:
        """Everything lost so far on all interfaces."""
        losses = Losses(self._losses.as_json())
        with self._lock:
            for watched in self._watched:
                losses.merge(Losses(total(watched).losses))
        return losses

    def kept(self) -> list[dict[str, Any]]:
        """What each worker last told of the packets that it keeps."""
        with self._lock:
            return [
                {**seat.kept, "interface": watched.interface.name}
                for watched in self._watched
                for seat in watched.seats
                if seat.kept
            ]

    def report(self) -> list[dict[str, Any]]:
        """A document for each interface: its state, counts and problem."""
        with self._lock:
            ended = self._stop.is_set()
            return [
                {**document(watched, ended=ended), "waits_for_spool": self._waiting}
                for watched in self._watched
            ]


def _log_problem(error: FengsuiError) -> None:
    log.error("An interface cannot be captured", extra={"problem": error.as_json()})
