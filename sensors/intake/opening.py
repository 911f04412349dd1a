"""Opens whatever is named: a capture or a log, plain or compressed, told apart by content."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from sensors.files.digests import HASHES
from sensors.files.keeping import FileStore
from sensors.intake.alerts_in_order import AlertsInOrder
from sensors.intake.choosing import Chosen
from sensors.intake.magic import STANDARD_INPUT
from sensors.intake.telling import kind_of
from sensors.logs.reader import LogReader
from sensors.packet.capture import CaptureSensor
from sensors.source import Source

__all__ = ["STANDARD_INPUT", "kind_of", "open_input", "sniff"]


def open_input(
    path: str,
    *,
    sensor: str,
    max_flows: int,
    datasets: frozenset[str] | None = None,
    store: FileStore | None = None,
    hashes: tuple[str, ...] = HASHES,
) -> Source:
    """The source for a path; `-` is standard input, read as a capture.

    Args:
        path: of a capture or log.
        sensor: `observer.name` of the events.
        max_flows: flows of a capture that are tracked at once.
        datasets: those that are wanted; None for all.
        store: where files that a capture carries are kept when the policy wants them.
        hashes: made of each carried file.

    Raises:
        InputError: it is missing, empty, a directory, or neither a capture nor a known log.
        ForbiddenError: it may not be read.
    """
    capture = partial(
        CaptureSensor,
        sensor=sensor,
        max_flows=max_flows,
        datasets=datasets,
        store=store,
        hashes=hashes,
    )
    if path == STANDARD_INPUT:
        return capture(None, sys.stdin.buffer, name="standard input")
    file = Path(path)
    if kind_of(file) == "capture":
        return capture(file, name=file.name)
    source = LogReader(file, name=file.name, sensor=sensor)
    return AlertsInOrder(source) if datasets is None else Chosen(source, datasets)


def sniff(path: Path) -> str:
    """`capture` or `log`, after a look at what it holds: for files that somebody sends us.

    Raises:
        InputError: it is neither; also as `open_input`.
    """
    kind = kind_of(path)
    if kind == "log":
        next(iter(LogReader(path, name=path.name, sensor="upload")), None)
    return kind
