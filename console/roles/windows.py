"""Windows: what the live stream's correlations hold of past events, kept across a restart."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import orjson

from detections.detections import Detections
from fengsui.loss import Losses

log = logging.getLogger(__name__)

_EVERY = 60.0  # seconds of wall time between keeping them


class KeptWindows:
    """One JSON file in the data folder, written whole or not at all.

    It is written when what the events led to is kept, so that windows and alerts are of one moment; a
    crash costs what the last minute added to windows.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "correlation_windows.json"
        self._kept = time.monotonic()
        self.losses = Losses()

    def take_up(self, detections: Detections) -> None:
        """Go on with the windows of the last run; a file that is damaged is left out, and counted."""
        try:
            document = orjson.loads(self._path.read_bytes())
            found = detections.take_windows(document)
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("Windows of correlations are not readable", exc_info=error)
            self.losses.add("detections.windows.unreadable")
            return
        log.info("Windows of correlations go on", extra={"correlations": found})

    def keep(self, detections: Detections, *, now: bool = False) -> None:
        """Write the windows once a minute, or `now`."""
        if not now and time.monotonic() - self._kept < _EVERY:
            return
        self._kept = time.monotonic()
        part = self._path.with_suffix(".part")
        try:
            part.write_bytes(orjson.dumps(detections.windows()))
            part.replace(self._path)
        except (OSError, TypeError) as error:
            log.warning("Windows of correlations are not kept", exc_info=error)
            self.losses.add("detections.windows.not_kept")
