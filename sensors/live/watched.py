"""The state of captured interfaces: who works at which, and the sums of what they report."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import orjson

from fengsui.errors import FengsuiError, InputError
from fengsui.loss import Losses
from sensors.live.interface import Interface
from sensors.live.messages import Inbox, Report
from sensors.live.ring import NO_GROUP

FIRST_PAUSE: Final = 0.5  # seconds between two attempts to open an interface; doubled each time


@dataclass(slots=True)
class Seated:
    """A worker: its process, its end of the socket, and what it reported last."""

    process: subprocess.Popen[bytes]
    inbox: Inbox
    started: float
    report: Report = field(default_factory=Report)


@dataclass(slots=True)
class Seat:
    """A worker's place at an interface; who sits there may change."""

    number: int
    worker: Seated | None = None
    due: float = 0.0
    pause: float = FIRST_PAUSE
    kept: dict[str, Any] = field(default_factory=dict[str, Any])  # last told of its packet store


@dataclass(slots=True)
class Watched:
    """An interface, its workers and its problem."""

    interface: Interface
    seats: list[Seat]
    group: int = NO_GROUP
    problem: FengsuiError | None = None
    restarts: int = 0
    before: list[Report] = field(default_factory=list[Report])  # sum of workers that have ended


def document(watched: Watched, *, ended: bool) -> dict[str, Any]:
    """What is told of an interface: state, counts, problem."""
    interface, sums = watched.interface, asdict(total(watched))
    working = [seat.worker for seat in watched.seats if seat.worker]
    reporting = [worker.report for worker in working if worker.report.blocks]
    status = "failed" if watched.problem else "capturing" if reporting else "starting"
    if status == "capturing" and not all(report.up for report in reporting):
        status = "down"
    if ended and not working:
        status = "stopped"
    return {
        "name": interface.name,
        "status": status,
        "plane": interface.plane,
        "filter": interface.filter,
        "workers": len(reporting),
        "wanted": interface.workers,
        "restarts": watched.restarts,
        "problem": watched.problem.as_json() if watched.problem else None,
        **{name: value for name, value in sums.items() if name not in ("up", "newest", "kept")},
    }


def total(watched: Watched) -> Report:
    """The counts of all its workers, past ones included."""
    return added(
        [*watched.before, *(seat.worker.report for seat in watched.seats if seat.worker)],
        now=[seat.worker.report for seat in watched.seats if seat.worker],
    )


def added(reports: Sequence[Report], now: Sequence[Report] = ()) -> Report:
    """Counts of all `reports`, the state of those that are there `now`."""
    losses = Losses()
    for report in reports:
        losses.merge(Losses(report.losses))
    return Report(
        packets=sum(each.packets for each in reports),
        drops=sum(each.drops for each in reports),
        freezes=sum(each.freezes for each in reports),
        bytes=sum(each.bytes for each in reports),
        events=sum(each.events for each in reports),
        blocks_used=sum(each.blocks_used for each in now),
        peak_blocks=max((each.peak_blocks for each in now), default=0),
        blocks=sum(each.blocks for each in now),
        queue_bytes=sum(each.queue_bytes for each in now),
        held_back=sum(each.held_back for each in reports),
        shed_seconds=round(sum(each.shed_seconds for each in reports), 1),
        shedding=any(each.shedding for each in now),
        lag_seconds=round(max((each.lag_seconds for each in now), default=0.0), 3),
        newest=max((each.newest for each in reports), default=0),
        losses=losses.as_json(),
    )


def worker_error(interface: Interface, status: int) -> FengsuiError:
    """The error of a worker that ended by itself, with this exit status."""
    how = f"signal {-status}" if status < 0 else f"status {status}"
    return InputError(
        f"A capture worker of {interface.name} has ended with {how}",
        where=f"sensor.interfaces: {interface.name}",
        next="It is started again; its own message is in the log of the sensor",
        code="worker_ended",
    )


def read_report(content: bytes) -> Report:
    """A worker's report.

    Raises:
        ValueError: it is none.
    """
    try:
        return Report(**orjson.loads(content))
    except TypeError as error:
        raise ValueError("not a report of a capture worker") from error
