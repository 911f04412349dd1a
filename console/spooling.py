"""A replay's way through the spool of an installation whose worker runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
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

    def end(self, header: Mapping[str, Any]) -> None:
        """Say that nothing more comes, with the summary of what was read."""
        self._put("end", b"", 0, header)

    def _put(self, kind: BatchKind, lines: bytes, clock: int, header: Mapping[str, Any]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self._spool.put(Spooled(self._stream, self._number, kind, clock, lines, header))
            except BusyError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
            else:
                self._number += 1
                return
