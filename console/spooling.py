"""A replay's way through the spool of an installation whose worker runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

from fengsui.clock import WallClock
from fengsui.errors import BusyError
from sensors.intake.spool import BatchKind, Spool, Spooled

_PATIENCE = 600.0  # seconds to wait for room: a file does not run away
_PAUSE = 0.2


class SpoolSink:
    """Puts batches of one stream, in order; waits while the spool is full."""

    def __init__(self, spool: Spool, stream: str) -> None:
        self._spool = spool
        self._stream = stream
        self._lock = Lock()  # live capture and followed files write one stream
        self._number = spool.next_number(stream, WallClock().now())

    def start(self, header: Mapping[str, Any]) -> None:
        """Say what the stream is."""
        self._put("start", b"", 0, header)

    def put(self, lines: bytes, clock: int) -> None:
        """Keep a batch of events durably.

        Raises:
            BusyError: the spool stayed full for ten minutes.
        """
        self._put("events", lines, clock, {})

    def offer(self, lines: bytes, clock: int) -> None:
        """Keep a batch of events durably, or not at all.

        Raises:
            BusyError: the spool is full now.
        """
        self._try("events", lines, clock, {})

    def end(self, header: Mapping[str, Any]) -> None:
        """Say that nothing more comes, with the summary of what was read."""
        self._put("end", b"", 0, header)

    def _put(self, kind: BatchKind, lines: bytes, clock: int, header: Mapping[str, Any]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self._try(kind, lines, clock, header)
            except BusyError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
            else:
                return

    def _try(self, kind: BatchKind, lines: bytes, clock: int, header: Mapping[str, Any]) -> None:
        with self._lock:
            try:
                self._spool.put(Spooled(self._stream, self._number, kind, clock, lines, header))
            except OSError as error:
                raise BusyError(
                    f"The spool cannot be written: {error.strerror}",
                    where=str(error.filename or ""),
                    next="Free space on its disk; nothing is taken from inputs until then",
                    code="spool_unwritable",
                ) from error
            self._number += 1
